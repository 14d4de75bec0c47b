"""What a result says about time: only a clause that waited in vain can have been hurried."""

from __future__ import annotations

import json

import pytest

from pytest_netlab.classroom import worker


@pytest.mark.parametrize(
    ("outcome", "expected", "in_vain"),
    [
        ("failed", "UDP port 8000 (0x1f40) bound within 10 s", True),
        ("passed", "UDP port 8000 (0x1f40) bound within 10 s", False),
        ("failed", '77 6f 72 64 "word" (4 bytes)', False),
    ],
)
def test_a_clause_that_waited_in_vain(outcome: str, expected: str, in_vain: bool) -> None:
    result = {"exercises": [{"clauses": [{"outcome": outcome, "expected": expected}]}]}
    assert worker._ran_out_of_time(json.dumps(result).encode()) is in_vain
