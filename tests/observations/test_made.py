"""The submissions of exercise 1.3 are what their script makes of the reference's capture, and small."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_netlab.capture import read_capture
from tests.observations.case import Case
from tests.observations.make import SUBMISSIONS, cases
from tests.observations.record import CAPTURE, FLAGS, NOTES, REFERENCE_NOTES, flags

CASES = cases()
LARGEST = 20_000


def folder(case: Case) -> Path:
    return SUBMISSIONS / ("broken" if case.fails else "variants") / "1.3" / case.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_files_are_those_that_are_made(case: Case) -> None:
    there = {path.name: path.read_bytes() for path in folder(case).iterdir()}
    assert there == case.files()
    assert max(map(len, there.values())) < LARGEST


def test_nothing_else_is_there() -> None:
    there = {path for kind in ("variants", "broken") for path in (SUBMISSIONS / kind / "1.3").iterdir()}
    assert there == {folder(case) for case in CASES}


def test_reference_is_as_the_curriculum_has_it() -> None:
    assert flags(list(read_capture(CAPTURE))) == FLAGS
    assert NOTES.read_text(encoding="utf-8") == REFERENCE_NOTES
