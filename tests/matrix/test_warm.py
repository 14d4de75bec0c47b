"""A warm interpreter changes no verdict: a few submissions graded both ways. `python -m tests.matrix.warm` does all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.matrix.cases import ROOT
from tests.matrix.warm import differences, look

CASES = (
    ("0.1", "broken/0.1/server-empty-crash"),
    ("1.4", "variants/1.4/scapy-l3"),
    ("2.1", "broken/2.1/same-words"),
)


@pytest.mark.parametrize(("exercise", "directory"), CASES, ids=lambda value: str(value))
def test_same_verdicts_output_and_wire(exercise: str, directory: str) -> None:
    cold = look(ROOT / directory, exercise)
    assert differences(cold, look(ROOT / directory, exercise, "--netlab-warm")) == []
    assert cold.runs


PING = """
import sys
print("warm" if "scapy.layers.inet" in sys.modules else "fresh")
from scapy.layers.inet import IP
"""


@pytest.mark.parametrize(
    ("options", "configuration", "how"),
    [
        ((), "", b"fresh"),
        (("--netlab-warm",), "", b"warm"),
        (("-o", "netlab_warm=true"), "", b"warm"),
        (("--netlab-warm",), f'[python]\ninterpreter = "{sys.executable}"\n', b"fresh"),
        (("--netlab-warm",), f'[programs]\nscapy_ping = ["{sys.executable}", "scapy_ping.py"]\n', b"fresh"),
    ],
    ids=["not asked for", "option", "ini", "own interpreter", "own command"],
)
def test_who_is_run_warm(options: tuple[str, ...], configuration: str, how: bytes, tmp_path: Path) -> None:
    submission = tmp_path / "submission"
    submission.mkdir()
    (submission / "scapy_ping.py").write_text(PING)
    if configuration:
        (submission / "netlab.toml").write_text(configuration)
    seen = look(submission, "2.1", *options)
    assert {run.output for run in seen.runs.values()} == {how}
