"""A deadline that is fair on a crowded machine: time that the program has waited for a processor does not count.

A right program must not fail because thirty others run beside it. The kernel knows how long each task has waited for
a processor; by so much a deadline moves. It moves `MOST` times its length at most, so that a program that keeps itself
waiting, with more tasks than there are processors, gains a little time and no mark.
"""

from __future__ import annotations

import time
from typing import Final

from pytest_netlab.lab.program import Program

MOST: Final = 4.0
"""How many times its length a deadline may become."""
_WORTH_A_LOOK_S: Final = 0.01


class Deadline:
    """The end of a wait for what a program does.

    Args:
        program: who is waited for.
        limit_s: how long it may take, in seconds of its own.
        since_s: from when, on the monotonic clock; from now on where it is None.
    """

    def __init__(self, program: Program, limit_s: float, since_s: float | None = None) -> None:
        self._program = program
        self._limit_s = limit_s
        self._since_s = time.monotonic() if since_s is None else since_s
        self._until_s = self._since_s + limit_s

    @property
    def left_s(self) -> float:
        """Seconds until it has to be looked at again."""
        return max(0.0, self._until_s - time.monotonic())

    def is_over(self) -> bool:
        """Whether the program has ended, or time is up; where it seems up, the kernel tells how long it had to wait."""
        if not self._program.running:
            return True
        if self.left_s > 0:
            return False
        allowed_s = min(self._limit_s + self._program.waited_s(), MOST * self._limit_s)
        self._until_s = self._since_s + allowed_s
        return self.left_s < _WORTH_A_LOOK_S
