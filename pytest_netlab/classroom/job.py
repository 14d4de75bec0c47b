"""The job as a value: one submission as bytes goes out, and all that came of grading it comes back as bytes.

It shares no file with whoever submitted it, except suites of one's own, which must be where `Settings.suites` says.
Importing this module imports neither pytest nor anything that a grading needs.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Status = Literal["graded", "incomplete", "broken", "refused", "timeout", "crashed"]
"""graded: every clause has its verdict. incomplete: some clauses cannot be decided in this tier, or from the saved
evidence. broken: the grader was at fault in some clause. refused: the submission cannot be read. timeout and
crashed: the grading did not come to an end."""

UNDECIDED: Final[frozenset[Status]] = frozenset({"broken", "timeout", "crashed"})
"""What is tried once more."""


class Settings(msgspec.Struct, frozen=True):
    """How a class is graded; the same for each of its submissions.

    Attributes:
        version: of pytest-netlab; a worker of another version refuses the job.
        suites: directory of the suites; empty means those that come with the package.
        suites_digest: of the suites' files, so that no worker grades by others.
        tier: as `--netlab-tier` takes it.
        exercises: ids; empty means all.
        strict: SHOULD clauses count.
        require_certified: refuse a tier whose evidence a hostile program could forge.
        keep_all: keep the capture of every test, and not only of those that failed.
        reports: `FORMAT=FILE` of each further report; FILE is a plain name in the submission's folder.
        warm: Python programs may be run by a warm interpreter.
        replay: what is graded is saved evidence, and no program runs.
        limit_s: how long one submission may take, in seconds.
    """

    version: str
    suites: str = ""
    suites_digest: str = ""
    tier: str = "auto"
    exercises: tuple[str, ...] = ()
    strict: bool = False
    require_certified: bool = False
    keep_all: bool = False
    reports: tuple[str, ...] = ()
    replay: bool = False
    warm: bool = False
    limit_s: float = 900.0


class Job(msgspec.Struct, frozen=True):
    """What a worker gets: the submission is an encoded `pytest_netlab.lab.snapshot.Snapshot`."""

    submission: bytes
    settings: Settings


class Graded(msgspec.Struct, frozen=True):
    """What a worker gives back.

    Attributes:
        status: what it came to.
        reason: of any status but `graded`.
        result: `result.json`; empty where there is none.
        report: `report.html`; empty where there is none.
        others: further reports by file name.
        captures: the folder of captures, as a tar file; empty where nothing was kept.
        log: what pytest printed.
        hurried: a clause ran out of time while this machine had more to do than it can.
        worker: which process ran it, `"host:4711/4712"`: the lending process and the worker process.
    """

    status: Status
    reason: str = ""
    result: bytes = b""
    report: bytes = b""
    others: dict[str, bytes] = {}
    captures: bytes = b""
    log: bytes = b""
    hurried: bool = False
    worker: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What a worker process says to the process that lent it: a grading, or why this machine cannot do the job."""

    graded: Graded | None = None
    kind: Literal["", "usage", "lab"] = ""
    problem: str = ""
    knob: str = ""
