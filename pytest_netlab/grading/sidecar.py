"""The file `evidence.json`: all that clauses look at besides packets, beside the capture that it vouches for.

Rules:
- Its last key, `sidecar_sha256`, is the digest of every byte above that line; `capture_sha256` is the capture's. So a
  byte changed in either file is noticed, and so is an end that is missing. A digest finds accidents and careless
  edits. It is no signature: who can write both files can forge both.
- Later versions only add keys; what this version does not know is left alone.
- Facts are what JSON holds, and bytes, as an object with the one key `$bytes`. `as_saved` shows a run's facts as they
  will be read back, so that clauses see the same live and offline.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_netlab.capture.counters import Counters
from pytest_netlab.capture.recording import InterfaceRecord
from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.grading.result import write_atomically

CAPTURE: Final = "capture.pcapng"
SIDECAR: Final = "evidence.json"
SCHEMA: Final = "pytest-netlab/evidence/1"
REMEDY: Final = "restore both files from where they were first kept, or run the program again"

_BYTES: Final = "$bytes"
_LAST_KEY: Final = re.compile(rb' "sidecar_sha256": "([0-9a-f]{64})"\n}\n\Z')


class SavedHalt(msgspec.Struct, frozen=True):
    """`Halt`, with packets as frame numbers."""

    clause: str
    expected: str
    actual: str
    frames: tuple[int, ...] = ()


class SavedEnding(msgspec.Struct, frozen=True):
    """`Ending`."""

    status: int | None = None
    stopped_by: str = ""
    after_s: float = 0.0
    not_started: str = ""
    at_ns: int = 0
    limit: str = ""


class SavedInterface(msgspec.Struct, frozen=True):
    """`InterfaceRecord`; `counters` are received, received and dropped, sent, and sent and dropped."""

    name: str
    received: int | None = None
    dropped: int | None = None
    freezes: int | None = None
    counters: tuple[int, int, int, int] | None = None

    @classmethod
    def of(cls, record: InterfaceRecord) -> SavedInterface:
        """The saved form of a record."""
        seen = record.counters
        counters = seen and (seen.received, seen.received_dropped, seen.sent, seen.sent_dropped)
        return cls(record.name, record.received, record.dropped, record.freezes, counters)

    def record(self) -> InterfaceRecord:
        """The record again."""
        return InterfaceRecord(
            self.name,
            received=self.received,
            dropped=self.dropped,
            freezes=self.freezes,
            counters=None if self.counters is None else Counters(*self.counters),
        )


class Sidecar(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the file.

    Attributes:
        run_id: random, the same in every copy of one run.
        ground: id of the clause that everything in the run built on when it was recorded.
        produced_by: versions of what recorded it, and the tier, by name.
        truncated_by: the limit at which recording stopped, or None.
    """

    schema: str
    exercise: str
    program: str
    scenario: str
    run_id: str = ""
    ground: str = ""
    capture_sha256: str
    produced_by: dict[str, str] = {}
    output: bytes
    ending: SavedEnding
    facts: dict[str, Any]
    halt: SavedHalt | None = None
    fault: str = ""
    interfaces: tuple[SavedInterface, ...] = ()
    truncated_by: str | None = None

    @property
    def run(self) -> tuple[str, str, str]:
        """What the run is looked up by."""
        return self.exercise, self.program, self.scenario


class Damaged(UsageError):
    """A sidecar that is not what was written. `run` says of which run, where that can still be read."""

    def __init__(self, message: str, run: tuple[str, str, str] | None = None) -> None:
        super().__init__(message, run)
        self.run = run

    def __str__(self) -> str:
        return str(self.args[0])


def write(path: Path, sidecar: Sidecar) -> None:
    """Write the file, atomically, with its own digest in its last line."""
    text = msgspec.json.format(msgspec.json.encode(sidecar), indent=1)
    body = text.removesuffix(b"\n}") + b",\n"
    digest = hashlib.sha256(body).hexdigest()
    write_atomically(path, body + f' "sidecar_sha256": "{digest}"\n}}\n'.encode())


def read(path: Path) -> Sidecar:
    """Read the file.

    Raises:
        Damaged: it is missing, cut short, or not as it was written; the words say which file, and what to do.
        UsageError: it was written by another version.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}; {REMEDY}") from error
    try:
        sidecar = msgspec.json.decode(data, type=Sidecar)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(f"{path} cannot be read ({error}); {REMEDY}") from error
    last = _LAST_KEY.search(data)
    if last is None or hashlib.sha256(data[: last.start()]).hexdigest() != last[1].decode():
        raise Damaged(f"{path} was changed since it was written: its sidecar_sha256 is another; {REMEDY}", sidecar.run)
    if sidecar.schema != SCHEMA:
        raise UsageError(f"{path}: schema {sidecar.schema!r}, and this version reads {SCHEMA!r}")
    return sidecar


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_saved(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they will be read back: tuples are lists, keys are strings.

    Raises:
        HarnessFault: a fact is none that can be saved; names it.
    """
    saved = {}
    for name, value in facts.items():
        try:
            saved[name] = from_json(msgspec.json.decode(msgspec.json.encode(to_json(value))))
        except (TypeError, ValueError) as error:
            kinds = "numbers, strings, bytes, and lists and dictionaries of them"
            raise HarnessFault(f"the script noted {name} = {value!r}, which cannot be kept: note {kinds}") from error
    return saved


def to_json(value: Any) -> Any:
    """A fact as JSON holds it."""
    if isinstance(value, (bytes, bytearray)):
        return {_BYTES: base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return [to_json(each) for each in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [to_json(each) for each in value]
    return value


def from_json(value: Any) -> Any:
    """The fact again.

    Raises:
        ValueError: bytes are not written as bytes.
        RecursionError: lists stand in lists some hundred times.
    """
    if isinstance(value, dict):
        if set(value) == {_BYTES}:
            if not isinstance(value[_BYTES], str):
                raise ValueError(f"{value[_BYTES]!r} stands where bytes should, in base64")
            return base64.b64decode(value[_BYTES])
        return {key: from_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [from_json(each) for each in value]
    return value
