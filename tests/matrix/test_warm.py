"""A warm interpreter changes no verdict: a few submissions graded both ways. `python -m tests.matrix.warm` does all."""

from __future__ import annotations

import pytest

from tests.matrix.cases import ROOT
from tests.matrix.warm import differences, look

CASES = (
    ("0.1", "broken/0.1/server-empty-crash"),
    ("1.4", "variants/1.4/scapy-l3"),
    ("2.1", "broken/2.1/same-words"),
    ("2.2", "variants/2.2/async-sniffer"),
)


@pytest.mark.parametrize(("exercise", "directory"), CASES, ids=lambda value: str(value))
def test_same_verdicts_output_and_wire(exercise: str, directory: str) -> None:
    cold = look(ROOT / directory, exercise)
    assert differences(cold, look(ROOT / directory, exercise, "--netlab-warm")) == []
    assert cold.runs
