"""How far a class is: a bar with counts, rate and time left on a terminal, plain lines elsewhere.

The time left is that of what still has to be graded, at the rate of what has been. Rich is imported where there is a
terminal, and not before.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, TextIO

from pytest_netlab.report.printable import printable

_SHOWN_REASON: Final = 200


class Lines:
    """Plain lines, one a submission.

    Args:
        total: how many submissions there are.
        out: where to.
        clock: seconds that only go up.
    """

    def __init__(self, total: int, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._out = out
        self._clock = clock
        self._begun = clock()
        self.up_to_date = 0
        self.statuses: Counter[str] = Counter()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Nothing more will come."""

    def passed_over(self, name: str) -> None:
        """`name` is up to date."""
        self.up_to_date += 1
        self._moved()

    def once_more(self, name: str, reason: str) -> None:
        """`name` had no verdict and is tried again."""
        self._say(f"{_plain(name)}: tried once more: {_plain(reason)}")

    def done(self, name: str, status: str, reason: str) -> None:
        """`name` has been graded."""
        self.statuses[status] += 1
        why = f": {_plain(reason)}" if reason else ""
        self._say(f"{self.position()}  {_plain(name)}: {status}{why}")
        self._moved()

    def position(self) -> str:
        """Such as `12/300  8.4 a minute  34 min left`."""
        return f"{self.finished}/{self._total}  {self.pace()}"

    def pace(self) -> str:
        """Rate and time left."""
        graded = sum(self.statuses.values()) - self.statuses["refused"]  # which takes no time
        passed_s = self._clock() - self._begun
        if not graded or passed_s <= 0:
            return ""
        left_s = (self._total - self.finished) * passed_s / graded
        return f"{60 * graded / passed_s:.1f} a minute  {_duration(left_s)} left"

    @property
    def finished(self) -> int:
        """Submissions that need nothing more."""
        return self.up_to_date + sum(self.statuses.values())

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)

    def _moved(self) -> None:
        """Something was finished."""


class Bar(Lines):
    """A bar on a terminal; only what needs a look is a line above it.

    Args:
        total: how many submissions there are.
        out: the terminal.
    """

    def __init__(self, total: int, out: TextIO) -> None:
        super().__init__(total, out)
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (TextColumn("{task.completed}/{task.total}"), BarColumn(), TextColumn("{task.description}"))
        self._bar: Any = Progress(*columns, console=Console(file=out, highlight=False), transient=True)
        self._task = self._bar.add_task("", total=total)
        self._bar.start()

    def end(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def done(self, name: str, status: str, reason: str) -> None:
        """See `Lines`."""
        self.statuses[status] += 1
        if status != "graded":
            self._say(f"{_plain(name)}: {status}: {_plain(reason)}")
        self._moved()

    def _say(self, line: str) -> None:
        from rich.text import Text

        self._bar.console.print(Text(line), soft_wrap=True)

    def _moved(self) -> None:
        counts = "  ".join(f"{number} {status}" for status, number in sorted(self.statuses.items()))
        known = f"{self.up_to_date} up to date" if self.up_to_date else ""
        words = "  ".join(word for word in (self.pace(), counts, known) if word)
        self._bar.update(self._task, completed=self.finished, description=words)


def progress(total: int, out: TextIO) -> Lines:
    """What fits `out`."""
    return Bar(total, out) if out.isatty() else Lines(total, out)


def _plain(text: str) -> str:
    """A stranger's text, on one line and harmless on a terminal."""
    return printable(" ".join(text.split()))[:_SHOWN_REASON]


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
