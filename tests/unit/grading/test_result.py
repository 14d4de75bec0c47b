"""The result file: scores, order, and that a reader never sees half of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_netlab.grading import result
from pytest_netlab.grading.outcome import Clause, Outcome, Requirement, Verdict

CONTRACT = {
    "id", "requirement", "outcome", "points", "score", "sentence", "reference", "expected", "actual", "hint",
    "capture", "frame", "nodeid",
}  # fmt: skip


def verdict(
    id: str = "x",
    outcome: Outcome = Outcome.PASSED,
    *,
    requirement: Requirement = "MUST",
    points: float = 1.0,
    exercise: str = "0.1",
    **more: Any,
) -> Verdict:
    clause = Clause(id, requirement, "It is so.", points, "RFC 768", "look", (), exercise, "Title", "program")
    return Verdict(clause, outcome, **more)


def document(*verdicts: Verdict, strict: bool = False) -> dict[str, Any]:
    return result.document(verdicts, tier="rootless", certified=True, strict=strict)


def test_it_says_what_the_contract_lists() -> None:
    found = document(verdict(expected="1", actual="2", capture="c.pcapng", frame=4, nodeid="t.py::t"))
    assert found["schema"] == "pytest-netlab/result/1"
    assert (found["tier"], found["certified"]) == ("rootless", True)
    (exercise,) = found["exercises"]
    assert (exercise["id"], exercise["title"]) == ("0.1", "Title")
    (clause,) = exercise["clauses"]
    assert set(clause) >= CONTRACT
    assert (clause["capture"], clause["frame"], clause["nodeid"]) == ("c.pcapng", 4, "t.py::t")
    assert (clause["requirement"], clause["outcome"], clause["points"], clause["score"]) == ("MUST", "passed", 1.0, 1.0)


def test_no_capture_and_no_frame_are_null() -> None:
    clause = document(verdict())["exercises"][0]["clauses"][0]
    assert clause["capture"] is None
    assert clause["frame"] is None


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.PASSED])
def test_only_passed_earns_points(outcome: Outcome) -> None:
    found = document(verdict("a", points=2), verdict("b", outcome, points=3))
    assert (found["score"], found["max_score"]) == (2, 5)
    assert found["exercises"][0]["clauses"][1]["outcome"] == outcome.value
    assert found["exercises"][0]["clauses"][1]["score"] == 0


def test_advice_counts_only_where_the_run_is_strict() -> None:
    verdicts = [
        verdict("a"),
        verdict("b", requirement="SHOULD", points=2),
        verdict("c", Outcome.FAILED, requirement="SHOULD", points=4),
    ]
    assert (document(*verdicts)["score"], document(*verdicts)["max_score"]) == (1, 1)
    assert (document(*verdicts, strict=True)["score"], document(*verdicts, strict=True)["max_score"]) == (3, 7)
    scores = [clause["score"] for clause in document(*verdicts)["exercises"][0]["clauses"]]
    assert scores == [1, 0, 0]


def test_total_is_the_sum_of_the_exercises() -> None:
    found = document(verdict(points=0.5), verdict(exercise="0.2", points=2), verdict("y", Outcome.FAILED))
    assert found["score"] == sum(each["score"] for each in found["exercises"]) == 2.5
    assert found["max_score"] == sum(each["max_score"] for each in found["exercises"]) == 3.5


def test_exercises_stand_in_natural_order_and_clauses_as_they_came() -> None:
    given = ["1.10", "1.2", "extra", "0.1", "1.2.1", "1.1"]
    found = document(*[verdict(f"{exercise}-{n}", exercise=exercise) for n in (2, 1) for exercise in given])
    assert [each["id"] for each in found["exercises"]] == ["0.1", "1.1", "1.2", "1.2.1", "1.10", "extra"]
    assert [clause["id"] for clause in found["exercises"][0]["clauses"]] == ["0.1-2", "0.1-1"]


def test_nothing_judged_is_a_result_too() -> None:
    assert document() == {
        "schema": result.SCHEMA, "tier": "rootless", "certified": True, "score": 0, "max_score": 0, "exercises": []
    }  # fmt: skip


def test_file_is_json_that_anybody_may_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "result.json"
    content = document(verdict(actual="\x00\x1b[31m\u202e é \ud7ff"))
    result.write(path, content)
    assert json.loads(path.read_text(encoding="utf-8")) == content
    assert path.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in path.parent.iterdir()] == ["result.json"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    """The kernel stops the writer in the middle of the file (RLIMIT_FSIZE)."""
    path = tmp_path / "result.json"
    result.write_atomically(path, b"old")
    program = (
        "import resource, sys; from pathlib import Path; from pytest_netlab.grading import result; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
        "result.write_atomically(Path(sys.argv[1]), bytes(5000))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60)
    assert "File too large" in done.stderr
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]


def test_nothing_takes_the_place_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "result.json").mkdir()
    with pytest.raises(IsADirectoryError):
        result.write_atomically(tmp_path / "result.json", b"{}")
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]
