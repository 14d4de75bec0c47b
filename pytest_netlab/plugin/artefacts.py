"""Keeping captures and the evidence beside them: one folder a test, named as pytest-playwright names its own.

Rules:
- Whether a test's captures are kept is known when all its phases are over; what they say of the clauses, when every
  test that looked at the same run has been judged. So they are written when the last test of a module is done.
- A folder belongs to one test, so workers never share one. A test that runs again replaces what it kept before, and a
  test of which nothing is kept leaves no folder of an earlier session behind: nothing is ever mixed.
- The run that a test is about stands in its folder; further runs that it looked at stand in folders below, by name.
- Where saved evidence is judged again it is never written over: only a directory that was named keeps copies of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_netlab.grading.archive import save
from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.grading.outcome import Outcome, Verdict
from pytest_netlab.grading.sidecar import CAPTURE, SIDECAR
from pytest_netlab.plugin.annotations import Judged, remarks
from pytest_netlab.plugin.naming import folder_name, slug
from pytest_netlab.plugin.options import Options

_WANTED: Final = (Outcome.FAILED, Outcome.BROKEN)


@dataclass(slots=True)
class _Test:
    """What is known of a test by now."""

    verdict: Verdict
    runs: list[Evidence]
    failed: bool = False


class Keeper:
    """Keeps the captures of one process's tests.

    Args:
        options: of this run; they say what is kept, and where.
        tier: that programs run in.
    """

    def __init__(self, options: Options, tier: str) -> None:
        self._options = options
        self._tier = tier
        self._tests: dict[str, _Test] = {}
        self._writes = options.replay is None or _apart(options.capture_directory, options.replay)

    def note(self, verdict: Verdict, runs: Sequence[Evidence]) -> str:
        """A test has been judged; what it said when it ran before is forgotten.

        Returns:
            Where the capture is, or will be; empty where none is kept, or it would show no frame.
        """
        self._tests[verdict.nodeid] = test = _Test(verdict, list(runs), verdict.outcome in _WANTED)
        if not runs or not runs[0].recording.frames:
            return ""
        if not self._writes or (runs[0].kept_at and not self._keeps(test)):
            return runs[0].kept_at
        return str(self._folder(verdict.nodeid) / CAPTURE) if self._keeps(test) else ""

    def note_failure(self, nodeid: str) -> str:
        """A phase of the test has failed, whatever its verdict was. Returns the capture, as `note` does."""
        test = self._tests.get(nodeid)
        if test is None:
            return ""
        test.failed = True
        shows = self._writes and self._keeps(test) and test.runs and test.runs[0].recording.frames
        return str(self._folder(nodeid) / CAPTURE) if shows else ""

    def write(self) -> str:
        """Write what is to be kept of the tests so far, and forget them.

        Returns:
            Why that could not be done, with the remedy; empty where it was.
        """
        tests, self._tests = self._tests, {}
        if not self._writes or self._options.capture == "off":
            return ""
        judged: dict[int, list[Judged]] = {}
        for test in tests.values():
            for number, evidence in enumerate(test.runs):
                judged.setdefault(id(evidence), []).append(Judged(test.verdict, about=number == 0))
        try:
            for nodeid, test in tests.items():
                folder = self._folder(nodeid)
                _discard(folder)
                for number, evidence in enumerate(test.runs if self._keeps(test) else ()):
                    place = folder / slug(evidence.scenario) if number else folder
                    save(place, evidence, remarks(evidence, judged[id(evidence)], self._tier), self._tier)
        except OSError as error:
            return not_kept(self._options.capture_directory, error)
        return ""

    def _keeps(self, test: _Test) -> bool:
        mode = self._options.capture
        return mode == "on" or (mode == "retain-on-failure" and test.failed)

    def _folder(self, nodeid: str) -> Path:
        return self._options.capture_directory / folder_name(nodeid)


def not_kept(directory: Path, error: OSError) -> str:
    """Why nothing can be kept in a directory, and what to do about it."""
    problem = f"captures cannot be kept in {directory}: {error.strerror or error}"
    return f"{problem}; name another directory with --netlab-capture-dir, or set netlab_capture = off"


def _apart(one: Path, other: Path) -> bool:
    """Whether neither directory is inside the other."""
    one, other = one.resolve(), other.resolve()
    return not (one.is_relative_to(other) or other.is_relative_to(one))


def _discard(folder: Path) -> None:
    """Remove the evidence of an earlier session, and the folders that held nothing else."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for place in [*(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()), folder]:
            for name in (SIDECAR, CAPTURE):
                (place / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # what somebody else put there stays
                place.rmdir()
