"""The workflows and the grading action: valid, least privileged, pinned, and their shell and options are real."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml

from tests.release.conftest import ACTION, REPOSITORY, run
from tests.unit.plugin.test_configuration_page import registered

WORKFLOWS: Final = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
SCRIPTS: Final = sorted(ACTION.glob("*.sh"))
ACTION_FILE: Final = ACTION / "action.yml"


class Step(NamedTuple):
    """A step, and the file and job that it stands in."""

    where: str
    content: dict[str, Any]


def read(path: Path) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for name, job in read(path)["jobs"].items():
            yield f"{path.name}:{name}", job


def steps() -> list[Step]:
    found = [Step(where, step) for where, job in jobs() for step in job.get("steps", [])]
    return found + [Step("action.yml", step) for step in read(ACTION_FILE)["runs"]["steps"]]


def shells() -> list[tuple[str, str]]:
    """Every piece of shell, by where it stands."""
    inline = [(step.where, step.content["run"]) for step in steps() if "run" in step.content]
    return inline + [(path.name, path.read_text(encoding="utf-8")) for path in SCRIPTS]


@pytest.mark.parametrize(("schema", "files"), [("workflows", WORKFLOWS), ("actions", [ACTION_FILE])])
def test_files_are_valid(schema: str, files: list[Path]) -> None:
    assert files
    run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.github-{schema}", *files)


def test_all_three_are_there() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]
    assert ACTION_FILE.is_file()


@pytest.mark.parametrize("where", sorted({where for where, _ in shells()}))
def test_shell_is_shell(where: str) -> None:
    for place, text in shells():
        if place == where:
            checked = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
            assert checked.stderr == ""


def test_no_expression_is_pasted_into_shell() -> None:
    """What `${{ … }}` stands for may be anybody's words; it comes into a shell as a variable."""
    assert [where for where, text in shells() if "${{" in text] == []


def test_every_action_is_pinned_to_a_whole_version() -> None:
    used = [step.content["uses"] for step in steps() if "uses" in step.content]
    assert len(used) >= 8
    assert [name for name in used if not re.search(r"@(v\d+\.\d+\.\d+|[0-9a-f]{40})$", name)] == []


def test_permissions_are_few() -> None:
    for path in WORKFLOWS:
        assert read(path)["permissions"] == {"contents": "read"}, path.name
    more = {where: job["permissions"] for where, job in jobs() if job.get("permissions", {}) != {}}
    assert more == {"release.yml:ci": {"contents": "read"}, "release.yml:publish": {"id-token": "write"}}
    for step in steps():
        if step.content.get("uses", "").startswith("actions/checkout@"):
            assert step.content["with"]["persist-credentials"] is False, step.where


def test_every_job_ends() -> None:
    assert [where for where, job in jobs() if "uses" not in job and "timeout-minutes" not in job] == []


def test_only_a_tag_is_released_and_by_no_token() -> None:
    release = read(REPOSITORY / ".github" / "workflows" / "release.yml")
    assert release[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads the key `on` as a truth value
    publish = release["jobs"]["publish"]
    assert (publish["needs"], publish["environment"]["name"]) == (["ci", "build"], "pypi")
    assert "secrets." not in (REPOSITORY / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert not any("run" in step for step in publish["steps"])


def test_ci_covers_what_is_supported() -> None:
    ci = read(REPOSITORY / ".github" / "workflows" / "ci.yml")["jobs"]
    pyproject = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    matrix = ci["linux"]["strategy"]["matrix"]
    assert matrix["python"] == re.findall(r"Programming Language :: Python :: (3\.\d+)", pyproject)
    assert [version.split(".*")[0] for version in matrix["pytest"]] == ["8.4", "9"]
    assert ci["container"]["container"]["options"] == "--privileged"
    assert {"macos", "windows"} == {system.partition("-")[0] for system in ci["offline"]["strategy"]["matrix"]["os"]}
    assert any("apparmor_restrict_unprivileged_userns=0" in step.get("run", "") for step in ci["linux"]["steps"])


def test_options_and_files_that_are_named_are_there() -> None:
    known = set(registered().options)
    for where, text in shells():
        assert set(re.findall(r"--netlab-[a-z]+(?:-[a-z]+)*", text)) <= known, where
        for name in re.findall(r"(?<![\w/.$])((?:tests|suites|captures|\.ci)(?:/[\w.]+)*)", text):
            assert (REPOSITORY / name).exists(), f"{where}: {name}"


def test_every_input_reaches_the_scripts() -> None:
    action = read(ACTION_FILE)
    text = ACTION_FILE.read_text(encoding="utf-8")
    assert [name for name in action["inputs"] if f"inputs.{name} " not in text] == []
    given = {name for step in action["runs"]["steps"] for name in step.get("env", {})}
    read_there = {name for path in SCRIPTS for name in re.findall(r"NETLAB_[A-Z]+", path.read_text(encoding="utf-8"))}
    assert given == read_there


def test_the_page_names_every_input_and_output() -> None:
    page = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")
    action = read(ACTION_FILE)
    named = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    assert named == {*action["inputs"], *action["outputs"]}
