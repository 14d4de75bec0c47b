"""What was chosen for a run holds in xdist's workers, too."""

from __future__ import annotations

import re

import pytest

from tests.machines import on_a_machine
from tests.plugin.conftest import Project

WITHOUT_NAMESPACES = "user/max_user_namespaces"


def workers_of(result: pytest.RunResult) -> dict[str, set[str]]:
    """By suite: the workers that its clauses were judged in."""
    found: dict[str, set[str]] = {}
    for line in result.outlines:
        if judged := re.match(r"\[(gw\d)\].* suites/test_(\w+)\.py::test_(?:sends|word|quiet)", line):
            found.setdefault(judged[2], set()).add(judged[1])
    return found


def test_a_programs_clauses_stay_on_one_worker(project: Project) -> None:
    result = project.grade("good", "-n", "2", "-v")
    assert result.ret == 0
    assert {suite: len(workers) for suite, workers in workers_of(result).items()} == {"first": 1, "second": 1}


def test_another_way_of_distribution_may_be_chosen(project: Project) -> None:
    result = project.grade("good", "-n", "2", "--dist=loadfile", "-v")
    assert result.ret == 0
    assert set(workers_of(result)) == {"first", "second"}


def test_workers_know_that_the_tier_is_certified(project: Project) -> None:
    options = ("-n", "2", "--netlab-require-certified", "--netlab-capture", f"--netlab-json={project.result_file}")
    result = project.grade("good", *options)
    assert result.ret == 0
    assert project.result()["certified"] is True
    sidecars = list(project.path.rglob("evidence.json"))
    assert sidecars
    assert all(b'"rootless"' in sidecar.read_bytes() for sidecar in sidecars)


def test_workers_start_nothing_in_a_tier_that_starts_nothing(project: Project) -> None:
    options = ("-n", "2", f"--netlab-json={project.result_file}")
    result = project.grade("good", *options, before=tuple(on_a_machine(WITHOUT_NAMESPACES)))
    assert result.ret == 1
    assert project.result()["tier"] == "offline"
    assert set(project.outcomes().values()) == {"unsupported"}
