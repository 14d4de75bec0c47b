"""Grade a directory as a user would, by `pytest suites/`, in this process, and read what came of it."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Graded:
    """What a grading left.

    Attributes:
        status: pytest's exit status.
        clauses: the clauses of the result file, by id.
        printed: everything on the terminal.
    """

    status: int
    clauses: dict[str, dict[str, Any]]
    printed: str

    def with_outcome(self, *outcomes: str, programs: tuple[str, ...] = ()) -> set[str]:
        """Ids of the clauses with one of these outcomes, of these programs where some are named."""
        return {
            name
            for name, clause in self.clauses.items()
            if clause["outcome"] in outcomes and (not programs or clause["program"] in programs)
        }


def grade(directory: Path, exercise: str, scratch: Path, *options: str) -> Graded:
    """Grade one exercise of a submission.

    Args:
        directory: the submission.
        exercise: its id.
        scratch: where result and captures go.
        options: further options for pytest.
    """
    return _run(exercise, scratch, f"--netlab-solutions={directory}", *options)


def replay(directory: Path, exercise: str, scratch: Path, *options: str) -> Graded:
    """Judge one exercise again from the evidence saved below `directory`; the rest as for `grade`."""
    return _run(exercise, scratch, f"--netlab-replay={directory}", *options)


def suite_of(exercise: str) -> Path:
    """The directory of the suite that holds an exercise: the curriculum's, or the one over IPv6."""
    suites = REPOSITORY / "suites"
    return suites / "ipv6" if exercise.endswith("-ipv6") else suites


def _run(exercise: str, scratch: Path, *options: str) -> Graded:
    result = scratch / "result.json"
    arguments = [
        str(suite_of(exercise)),
        f"--rootdir={REPOSITORY}",
        f"--netlab-exercise={exercise}",
        f"--netlab-json={result}",
        f"--netlab-capture-dir={scratch / 'captures'}",
        "--capture=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:unraisableexception",  # it collects garbage five times; the tests' own run has it
        *options,
    ]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = pytest.main(arguments)
    document = json.loads(result.read_text(encoding="utf-8"))
    clauses = {clause["id"]: clause for each in document["exercises"] for clause in each["clauses"]}
    return Graded(int(status), clauses, printed.getvalue())
