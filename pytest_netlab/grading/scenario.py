"""Scenarios and readings as data: which program or files, which script, which clause everything builds on.

Knows nothing of pytest. `pytest_netlab.plugin.suite` turns these into fixtures and tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_netlab.grading.desk import Desk
    from pytest_netlab.grading.stage import Stage

Script = Callable[["Stage"], None]
ReadingScript = Callable[["Desk"], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run of one program against one behaviour of the grader.

    Attributes:
        name: of the script, unique in its exercise.
        exercise: id of the exercise.
        program: name of the program that runs.
        ground: id of the clause that fails when the script cannot go on.
        script: what the grader does.
        loopback: everything in it stays on 127.0.0.1, so that it can run without a lab of its own.
        net_raw: the program holds CAP_NET_RAW.
        kernel_resets: whether the student's kernel may send resets by itself.
    """

    name: str
    exercise: str
    program: str
    ground: str
    script: Script
    loopback: bool = True
    net_raw: bool = False
    kernel_resets: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at files of a submission. It runs nothing, so every tier can do it.

    Attributes:
        name: of the script, unique in its exercise.
        exercise: id of the exercise.
        program: what the files are called in the curriculum.
        ground: id of the clause that fails when the script cannot go on.
        script: what the grader looks at.
    """

    name: str
    exercise: str
    program: str
    ground: str
    script: ReadingScript
