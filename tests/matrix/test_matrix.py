"""The grader is graded: every valid variant passes every MUST, every broken solution fails the clause that names it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_netlab.report.terminal import LINES
from tests.matrix.cases import Case, cases
from tests.matrix.grade import grade

BROKEN = cases("broken")
OPTIONS = os.environ.get("MATRIX_OPTIONS", "").split()
"""More options for every grading, such as --netlab-warm: no verdict may depend on them."""


def skip_without(case: Case) -> None:
    """Skip a case whose language or tool is not on this machine."""
    if case.missing_commands:
        pytest.skip(f"needs {', '.join(case.missing_commands)}")


@pytest.mark.parametrize("case", cases("variants"), ids=lambda case: case.id)
def test_variant_passes_every_must(case: Case, tmp_path: Path) -> None:
    skip_without(case)
    graded = grade(case.directory, case.exercise, tmp_path, *OPTIONS)
    unwanted = {
        name: (clause["outcome"], clause["actual"])
        for name, clause in graded.clauses.items()
        if clause["program"] in case.programs and clause["requirement"] == "MUST" and clause["outcome"] != "passed"
    }
    assert unwanted == {}, graded.printed
    assert graded.with_outcome("passed", programs=case.programs), "no clause judged this variant"


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.id)
def test_broken_solution_fails_its_clause_alone(case: Case, tmp_path: Path) -> None:
    skip_without(case)
    graded = grade(case.directory, case.exercise, tmp_path, "--netlab-strict", *OPTIONS)
    assert graded.with_outcome("failed", "broken", "unsupported", programs=case.programs) == set(case.fails), (
        graded.printed
    )
    assert graded.status == 1
    blocks = _blocks_about(graded.printed, case.fails)
    assert [block for block in blocks if len(block.splitlines()) > 1 + LINES] == []  # one more: the title of pytest's
    message = " ".join("".join(blocks).split())
    assert [word for word in case.words if word not in message] == [], message


def _blocks_about(printed: str, clauses: tuple[str, ...]) -> list[str]:
    """The failure sections that are about these clauses: from one title line of underscores to the next."""
    blocks: list[str] = []
    for line in printed.splitlines(keepends=True):
        if line.startswith(("____", "====")):
            blocks.append("")
        if blocks:
            blocks[-1] += line
    return [block for block in blocks if any(f" {clause} " in block for clause in clauses)]
