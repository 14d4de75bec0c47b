"""A class, from the submissions to the gradebook: the loop, and nothing about how a job is run or a page is drawn.

Submissions are read a few at a time, as the crew has hands, so that memory does not grow with the class. What is up
to date is passed over. A grading without a verdict is tried once more, elsewhere, and
so is one that ran out of time on an overloaded machine; a second one is believed. What is
done is on the shelf at once, so an interruption costs the gradings that were running and no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Final, Protocol

from pytest_netlab.classroom.executors import Crew
from pytest_netlab.classroom.handed_in import HandedIn
from pytest_netlab.classroom.job import UNDECIDED, Graded, Settings
from pytest_netlab.classroom.shelf import Shelf, key_of
from pytest_netlab.errors import LabUnavailable, UsageError

_HURRIED: Final = "it ran out of time, and this machine was overloaded"


class Progress(Protocol):
    """Is told how far it is."""

    def passed_over(self, name: str) -> None:
        """`name` is up to date."""
        ...

    def once_more(self, name: str, reason: str) -> None:
        """`name` had no verdict and is tried again."""
        ...

    def done(self, name: str, status: str, reason: str) -> None:
        """`name` has been graded."""
        ...


@dataclass(slots=True)
class Count:
    """What became of a class.

    Attributes:
        up_to_date: submissions passed over.
        gradings: by status.
        once_more: names of those that were tried again.
    """

    up_to_date: int = 0
    gradings: dict[str, int] = field(default_factory=dict)
    once_more: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Running:
    handed_in: HandedIn
    submission: bytes
    key: str
    gradings: int


class Course:
    """One pass over a class.

    Args:
        crew: who runs the jobs.
        shelf: where gradings go.
        settings: of the class.
        progress: is told how far it is.
        again: grade also what is up to date.
    """

    def __init__(
        self, crew: Crew, shelf: Shelf, settings: Settings, progress: Progress, *, again: bool = False
    ) -> None:
        self._crew = crew
        self._shelf = shelf
        self._settings = settings
        self._progress = progress
        self._again = again
        self._running: dict[Future[Graded], _Running] = {}
        self.count = Count()

    def run(self, submissions: list[HandedIn]) -> None:
        """Grade what is not up to date, and return when all is on the shelf.

        Raises:
            LabUnavailable: a machine that does the work does not give the tier.
            UsageError: a machine that does the work is not set up for this class.
        """
        waiting = iter(submissions)
        more = True
        while more or self._running:
            while more and len(self._running) < 2 * self._crew.hands:  # one at work and one at hand
                more = self._start_next(waiting)
            if self._running:
                finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
                for future in finished:
                    self._finish(self._running.pop(future), future)

    def _start_next(self, waiting: Iterator[HandedIn]) -> bool:
        """Start the next that needs it; False where none is left."""
        for handed_in in waiting:
            try:
                submission = handed_in.read()
            except UsageError as error:
                self._put(handed_in, key_of(b"", self._settings), Graded("refused", str(error)), 1)
                continue
            key = key_of(submission, self._settings)
            if not self._again and self._shelf.is_up_to_date(handed_in, key):
                self.count.up_to_date += 1
                self._progress.passed_over(handed_in.name)
                continue
            self._submit(_Running(handed_in, submission, key, 1))
            return True
        return False

    def _submit(self, job: _Running, avoid: str = "") -> None:
        self._running[self._crew.submit(job.submission, self._settings, avoid)] = job

    def _finish(self, job: _Running, future: Future[Graded]) -> None:
        try:
            graded = future.result()
        except (UsageError, LabUnavailable):
            raise
        except Exception as error:  # of the cluster: the job could not be carried through
            graded = Graded("crashed", f"{type(error).__name__}: {error}"[:500])
        doubtful = graded.hurried or graded.status in UNDECIDED - {"timeout"}
        if doubtful and job.gradings == 1:
            self.count.once_more.append(job.handed_in.name)
            self._progress.once_more(job.handed_in.name, graded.reason or _HURRIED)
            self._submit(_Running(job.handed_in, job.submission, job.key, 2), graded.worker)
            return
        self._put(job.handed_in, job.key, graded, job.gradings)

    def _put(self, handed_in: HandedIn, key: str, graded: Graded, gradings: int) -> None:
        self._shelf.put(handed_in, key, graded, gradings)
        self.count.gradings[graded.status] = self.count.gradings.get(graded.status, 0) + 1
        self._progress.done(handed_in.name, graded.status, graded.reason)
