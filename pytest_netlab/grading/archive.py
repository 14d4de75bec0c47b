"""Saved evidence: a folder with `capture.pcapng` and `evidence.json` beside it, from which clauses judge again.

The sidecar holds all that clauses look at besides packets, and the digest of the capture. What does not match its
digest, is cut short, or does not parse is no evidence: reading it gives evidence with a fault, hence `broken`.

A digest finds accidents and careless edits. It is no signature: who can write both files can forge both.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_netlab.capture import Recording, Remarks, read_capture, write_pcapng
from pytest_netlab.capture.recording import InterfaceRecord
from pytest_netlab.errors import NetlabError, UsageError
from pytest_netlab.grading.evidence import Ending, Evidence, Halt
from pytest_netlab.grading.result import write_atomically
from pytest_netlab.grading.scenario import Reading, Scenario

CAPTURE: Final = "capture.pcapng"
SIDECAR: Final = "evidence.json"
SCHEMA: Final = "pytest-netlab/evidence/1"

_BYTES: Final = "$bytes"


class _Halt(msgspec.Struct, frozen=True):
    clause: str
    expected: str
    actual: str
    frames: tuple[int, ...] = ()


class _Interface(msgspec.Struct, frozen=True):
    name: str
    received: int | None = None
    dropped: int | None = None


class _Sidecar(msgspec.Struct, frozen=True, kw_only=True):
    """The file `evidence.json`. Later versions only add keys."""

    schema: str
    exercise: str
    program: str
    scenario: str
    capture_sha256: str
    output: bytes
    ending: dict[str, Any]
    facts: dict[str, Any]
    halt: _Halt | None = None
    fault: str = ""
    interfaces: tuple[_Interface, ...] = ()
    truncated_by: str | None = None


def save(folder: Path, evidence: Evidence, remarks: Remarks | None = None) -> Path:
    """Write `evidence` into `folder`.

    Args:
        folder: made where it is missing; files of an earlier run in it are replaced.
        evidence: what a run left.
        remarks: comments and names for the capture.

    Returns:
        The capture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    capture = folder / CAPTURE
    recording = evidence.recording
    write_pcapng(capture, recording.frames, recording.interfaces, remarks)
    halt = evidence.halt
    sidecar = _Sidecar(
        schema=SCHEMA,
        exercise=evidence.exercise,
        program=evidence.program,
        scenario=evidence.scenario,
        capture_sha256=_digest(capture),
        output=evidence.output,
        ending={name: getattr(evidence.ending, name) for name in Ending.__slots__},
        facts=_to_json(evidence.facts),
        halt=_Halt(halt.clause, halt.expected, halt.actual, tuple(each.number for each in halt.closest))
        if halt
        else None,
        fault=evidence.fault,
        interfaces=tuple(_Interface(each.name, each.received, each.dropped) for each in recording.interfaces),
        truncated_by=recording.truncated_by,
    )
    write_atomically(folder / SIDECAR, msgspec.json.format(msgspec.json.encode(sidecar), indent=1) + b"\n")
    return capture


class Archive:
    """The evidence saved anywhere below a directory.

    Args:
        directory: where to look.

    Raises:
        UsageError: it is no directory, or holds no evidence.
    """

    def __init__(self, directory: Path) -> None:
        if not directory.is_dir():
            raise UsageError(f"--netlab-replay {directory}: no such directory")
        self._folders: dict[tuple[str, str, str], Path] = {}
        self._damaged: list[str] = []
        for sidecar in _sidecars(directory):
            try:
                found = _read_sidecar(sidecar)
            except NetlabError as error:
                self._damaged.append(str(error))
            else:
                self._folders.setdefault((found.exercise, found.program, found.scenario), sidecar.parent)
        if not self._folders and not self._damaged:
            raise UsageError(f"--netlab-replay {directory}: no {SIDECAR} below it; keep captures with --netlab-capture")

    def find(self, scenario: Scenario | Reading) -> Evidence | None:
        """The evidence of a scenario; None where none was saved. What is damaged has a fault and no verdict."""
        folder = self._folders.get((scenario.exercise, scenario.program, scenario.name))
        if folder is not None:
            return load(folder)
        if self._damaged:
            fault = f"saved evidence is damaged: {self._damaged[0]}"
            return Evidence(scenario.name, scenario.program, scenario.exercise, fault=fault)
        return None


def load(folder: Path) -> Evidence:
    """Read evidence back; what is damaged comes with a fault."""
    sidecar = _read_sidecar(folder / SIDECAR)
    evidence = Evidence(sidecar.scenario, sidecar.program, sidecar.exercise)
    try:
        _check_digest(folder / CAPTURE, sidecar.capture_sha256)
        frames = tuple(read_capture(folder / CAPTURE))
    except (NetlabError, OSError) as error:
        evidence.fault = f"saved evidence is damaged: {error}"
        return evidence
    interfaces = tuple(
        InterfaceRecord(each.name, received=each.received, dropped=each.dropped) for each in sidecar.interfaces
    )
    evidence.recording = Recording(frames, interfaces, sidecar.truncated_by)
    evidence.output = sidecar.output
    evidence.ending = Ending(**sidecar.ending)
    evidence.facts = _from_json(sidecar.facts)
    evidence.halt = _halt(sidecar.halt, evidence.recording)
    evidence.fault = sidecar.fault
    return evidence


def _halt(saved: _Halt | None, recording: Recording) -> Halt | None:
    if saved is None:
        return None
    wanted = set(saved.frames)
    closest = tuple(packet for packet in recording.packets if packet.number in wanted)
    return Halt(saved.clause, saved.expected, saved.actual, closest)


def _sidecars(directory: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(directory):
        folders.sort()
        if SIDECAR in files:
            yield Path(parent, SIDECAR)


def _read_sidecar(path: Path) -> _Sidecar:
    try:
        sidecar = msgspec.json.decode(path.read_bytes(), type=_Sidecar)
    except (msgspec.DecodeError, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    if sidecar.schema != SCHEMA:
        raise UsageError(f"{path}: schema {sidecar.schema!r}, and this version reads {SCHEMA!r}")
    return sidecar


def _check_digest(path: Path, expected: str) -> None:
    actual = _digest(path)
    if actual != expected:
        raise UsageError(f"{path}: its SHA-256 begins {actual[:12]}, the sidecar says {expected[:12]}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_json(value: Any) -> Any:
    """Facts as JSON: bytes become an object with one key, all else is what it is."""
    if isinstance(value, (bytes, bytearray)):
        return {_BYTES: base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {str(key): _to_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_to_json(each) for each in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {_BYTES}:
            return base64.b64decode(value[_BYTES])
        return {key: _from_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_from_json(each) for each in value]
    return value
