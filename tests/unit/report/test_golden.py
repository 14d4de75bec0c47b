"""Whole failures, compared with the files in `golden/`.

When a change of the looks is meant, write them anew and read the difference before it is committed:

    NETLAB_WRITE_GOLDEN=1 pytest tests/unit/report/test_golden.py; git diff tests/unit/report/golden
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.report.printable import columns
from pytest_netlab.report.terminal import LINES, render

from . import more_failures
from .failures import FAILURES as FIRST_FAILURES

FAILURES: dict[str, Callable[[], Explanation]] = {
    **FIRST_FAILURES,
    "one-too-many": more_failures.one_too_many,
    "reset": more_failures.reset,
    "no-program": more_failures.no_program,
    "hostile": more_failures.hostile,
    "line-ends": more_failures.line_ends,
}
GOLDEN = Path(__file__).parent / "golden"
LOOKS = {
    "80": {"width": 80},
    "80-colour": {"width": 80, "colour": True},
    "80-ascii": {"width": 80, "ascii_only": True},
    "140": {"width": 140},
    "140-colour": {"width": 140, "colour": True},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_looks_as_it_did(name: str, look: str) -> None:
    text = render(FAILURES[name](), **LOOKS[look]) + "\n"  # type: ignore[arg-type]
    path = GOLDEN / f"{name}.{look}.txt"
    if os.environ.get("NETLAB_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_golden_file_is_compared() -> None:
    made = {f"{name}.{look}.txt" for name in FAILURES for look in LOOKS}
    assert {path.name for path in GOLDEN.iterdir()} == made


@pytest.mark.parametrize("name", FAILURES)
def test_an_explanation_crosses_from_worker_to_controller(name: str) -> None:
    explanation = FAILURES[name]()
    assert msgspec.json.decode(msgspec.json.encode(explanation), type=Explanation) == explanation


@pytest.mark.parametrize("name", FAILURES)
def test_ascii_only_means_it(name: str) -> None:
    assert render(FAILURES[name](), width=80, ascii_only=True).isascii()


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("name", FAILURES)
def test_nothing_but_the_capture_is_wider_than_the_terminal(name: str, width: int) -> None:
    drawn = render(FAILURES[name](), width=width).splitlines()
    assert [line for line in drawn if columns(line) > width and "captures/runs" not in line] == []
    assert len(drawn) <= LINES


def test_colour_changes_nothing_else() -> None:
    told = FAILURES["two-ports"]()
    painted = render(told, width=100, colour=True)
    for code in ("1;31", "32", "1", "2", "36", "0"):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == render(told, width=100)
