"""Time without a processor is not held against a program, within bounds."""

from __future__ import annotations

import sys
import time

from pytest_netlab import Lab
from pytest_netlab.grading.deadline import MOST, Deadline
from pytest_netlab.lab.program import Program
from pytest_netlab.lab.snapshot import Snapshot

CROWD = """
import os
for _ in range(min(4 * os.cpu_count(), 100) - 1):
    if os.fork() == 0:
        break
else:
    print("ready", flush=True)
while True:
    pass
"""
LIMIT_S = 0.4


def launch(lab: Lab, code: str) -> Program:
    program = lab.launch([sys.executable, "-c", code], Snapshot())
    assert program.wait_output(b"ready", 30)
    return program


def lasts_s(program: Program) -> float:
    """How long a deadline of `LIMIT_S` lets a program go on."""
    began = time.monotonic()
    deadline = Deadline(program, LIMIT_S)
    while not deadline.is_over():
        program.wait(deadline.left_s)
    return time.monotonic() - began


def test_who_waits_for_a_processor_gets_more_time_and_not_for_ever(lab: Lab) -> None:
    program = launch(lab, CROWD)
    assert lasts_s(program) >= MOST * LIMIT_S * 0.9
    assert program.running


def test_who_sleeps_gets_none(lab: Lab) -> None:
    program = launch(lab, "import time; print('ready', flush=True); time.sleep(60)")
    waited_s = program.waited_s()
    assert lasts_s(program) >= LIMIT_S
    assert program.waited_s() - waited_s < LIMIT_S


def test_who_has_ended_needs_none(lab: Lab) -> None:
    program = launch(lab, "print('ready')")
    assert program.wait(30)
    assert program.waited_s() == 0.0
    assert Deadline(program, 30).is_over()
