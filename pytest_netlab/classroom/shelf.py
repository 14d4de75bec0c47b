"""The output directory: one folder a submission, put there whole, and what tells whether it is still up to date.

    gradebook.csv  index.html
    submissions/NAME/result.json, report.html, captures/…, log.txt, state.json

A folder is made beside its place and moved there in one step, so that an interruption leaves the old one, the new
one or none. `state.json` holds the key of the grading: a digest of all that decides its verdicts.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from pytest_netlab.classroom.handed_in import HandedIn
from pytest_netlab.classroom.job import UNDECIDED, Graded, Settings
from pytest_netlab.classroom.row import WAITING, Row, row
from pytest_netlab.errors import UsageError
from pytest_netlab.grading.result import write_atomically

SUBMISSIONS: Final = "submissions"
_STATE: Final = "state.json"
_RESULT: Final = "result.json"
_REPORT: Final = "report.html"
_CAPTURES: Final = "captures"
_LOG: Final = "log.txt"


class State(msgspec.Struct, frozen=True):
    """What `state.json` says.

    Attributes:
        key: of the grading, from `key_of`.
        name: of the submission.
        status: what it came to.
        reason: why, where it is not `graded`.
        gradings: how often it was tried.
    """

    key: str
    name: str
    status: str
    reason: str = ""
    gradings: int = 1


def key_of(submission: bytes, settings: Settings) -> str:
    """A digest of what decides a verdict: the files, the suites, the version, the tier and the options.

    How long a grading may take is no part of it: one that took too long is tried again anyway.
    """
    decisive = msgspec.structs.replace(settings, limit_s=0.0)
    return hashlib.sha256(hashlib.sha256(submission).digest() + msgspec.json.encode(decisive)).hexdigest()


class Shelf:
    """The output directory, held by one program at a time.

    Args:
        directory: made where it is missing.

    Raises:
        UsageError: it cannot be written, or another grading writes it now.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            (directory / SUBMISSIONS).mkdir(parents=True, exist_ok=True)
            self._held = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise UsageError(f"--out {directory}: cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._held)
            raise UsageError(f"--out {directory}: another `pytest-netlab grade` is writing there now") from error

    def close(self) -> None:
        """Let others write."""
        os.close(self._held)

    def is_up_to_date(self, handed_in: HandedIn, key: str) -> bool:
        """Whether a verdict stands there that nothing has changed since."""
        state = self._state(handed_in)
        return state is not None and state.key == key and state.status not in UNDECIDED

    def put(self, handed_in: HandedIn, key: str, graded: Graded, gradings: int) -> None:
        """Put a grading in its place."""
        place = self._place(handed_in)
        new, old = (place.with_name(f".{place.name}.{which}") for which in ("new", "old"))
        for left_over in (new, old):
            shutil.rmtree(left_over, ignore_errors=True)
        new.mkdir()
        for name, data in ((_RESULT, graded.result), (_REPORT, graded.report), (_LOG, graded.log)):
            if data:
                (new / name).write_bytes(data)
        for name, data in graded.others.items():
            (new / Path(name).name).write_bytes(data)
        if graded.captures:
            _put_captures(graded.captures, new / _CAPTURES)
        state = State(key, handed_in.name, graded.status, graded.reason, gradings)
        (new / _STATE).write_bytes(msgspec.json.encode(state))
        if place.exists():
            place.rename(old)
        new.rename(place)
        shutil.rmtree(old, ignore_errors=True)

    def row(self, handed_in: HandedIn) -> Row:
        """What stands there, as a line of the gradebook."""
        state = self._state(handed_in)
        if state is None:
            return row(handed_in.name, WAITING, "not graded yet", None, "")
        name = _REPORT if (self._place(handed_in) / _REPORT).exists() else _RESULT
        there = (self._place(handed_in) / name).exists()
        report = f"{SUBMISSIONS}/{quote(handed_in.folder)}/{name}" if there else ""
        return row(handed_in.name, state.status, state.reason, self.result(handed_in), report)

    def result(self, handed_in: HandedIn) -> dict[str, Any] | None:
        """The result document; None where there is none."""
        try:
            document: dict[str, Any] = msgspec.json.decode((self._place(handed_in) / _RESULT).read_bytes())
        except (OSError, msgspec.DecodeError):
            return None
        return document

    def write(self, name: str, content: str) -> Path:
        """Write a file of the whole class, in one step."""
        path = self.directory / name
        write_atomically(path, content.encode("utf-8", "replace"))
        return path

    def _place(self, handed_in: HandedIn) -> Path:
        return self.directory / SUBMISSIONS / handed_in.folder

    def _state(self, handed_in: HandedIn) -> State | None:
        try:
            return msgspec.json.decode((self._place(handed_in) / _STATE).read_bytes(), type=State)
        except (OSError, msgspec.DecodeError):
            return None


def _put_captures(packed: bytes, directory: Path) -> None:
    """Write the files of a worker's tar: regular ones, below `directory`, and nothing else."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            if member.isreg() and not member.name.startswith("/") and ".." not in Path(member.name).parts:
                place, content = directory / member.name, archive.extractfile(member)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.read() if content else b"")


def saved_evidence(directory: Path) -> list[HandedIn]:
    """The submissions whose captures an earlier grading kept in `directory`, its output directory.

    Raises:
        UsageError: there are none.
    """
    kept = sorted(path.parent for path in (directory / SUBMISSIONS).glob(f"*/{_CAPTURES}") if path.is_dir())
    if not kept:
        raise UsageError(
            f"--from-captures {directory}: no {SUBMISSIONS}/NAME/{_CAPTURES} in it; it must be the --out directory "
            "of a grading with --capture"
        )
    return [HandedIn(_name_in(folder), folder / _CAPTURES, folder.name) for folder in kept]


def _name_in(folder: Path) -> str:
    try:
        return msgspec.json.decode((folder / _STATE).read_bytes(), type=State).name
    except (OSError, msgspec.DecodeError):
        return folder.name
