"""Saved evidence: a folder with `capture.pcapng` and `evidence.json`, from which clauses judge again, anywhere.

What does not match its digest, is cut short, is missing or does not parse is no evidence: reading it gives evidence
with a fault, hence `broken`. So do two different runs of one scenario below one directory: nobody says which counts.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pytest_netlab import __version__
from pytest_netlab.capture import Recording, Remarks, read_capture, write_pcapng
from pytest_netlab.errors import UsageError, WireError
from pytest_netlab.grading.evidence import Ending, Evidence, Halt
from pytest_netlab.grading.scenario import Reading, Scenario
from pytest_netlab.grading.sidecar import (
    CAPTURE,
    REMEDY,
    SCHEMA,
    SIDECAR,
    Damaged,
    SavedEnding,
    SavedHalt,
    SavedInterface,
    Sidecar,
    digest,
    from_json,
    read,
    to_json,
    write,
)

Run = tuple[str, str, str]


def produced_by() -> dict[str, str]:
    """Versions of what records here."""
    return {
        "pytest-netlab": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def save(folder: Path, evidence: Evidence, remarks: Remarks | None = None, tier: str = "") -> Path:
    """Write `evidence` into `folder`.

    Args:
        folder: made where it is missing; what an earlier run left in it is replaced.
        evidence: what a run left.
        remarks: comments and names for the capture.
        tier: that the run was recorded in.

    Returns:
        The capture.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Without its sidecar a capture is no evidence: whatever interrupts this leaves nothing half new and half old.
    (folder / SIDECAR).unlink(missing_ok=True)
    capture = folder / CAPTURE
    recording = evidence.recording
    write_pcapng(capture, recording.frames, recording.interfaces, remarks)
    origin = evidence.produced_by or produced_by() | ({"tier": tier} if tier else {})
    halt = evidence.halt
    sidecar = Sidecar(
        schema=SCHEMA,
        exercise=evidence.exercise,
        program=evidence.program,
        scenario=evidence.scenario,
        run_id=evidence.run_id,
        ground=evidence.ground,
        capture_sha256=digest(capture),
        produced_by=origin,
        output=evidence.output,
        ending=SavedEnding(*(getattr(evidence.ending, name) for name in SavedEnding.__struct_fields__)),
        facts=to_json(evidence.facts),
        halt=_saved(halt) if halt else None,
        fault=evidence.fault,
        interfaces=tuple(map(SavedInterface.of, recording.interfaces)),
        truncated_by=recording.truncated_by,
    )
    write(folder / SIDECAR, sidecar)
    return capture


def load(folder: Path) -> Evidence:
    """Read evidence back; what is damaged behind its sidecar comes with a fault.

    Raises:
        Damaged: the sidecar is.
        UsageError: it was written by another version.
    """
    sidecar = read(folder / SIDECAR)
    evidence = Evidence(sidecar.scenario, sidecar.program, sidecar.exercise)
    evidence.run_id = sidecar.run_id
    evidence.ground = sidecar.ground
    evidence.kept_at = str(folder / CAPTURE)
    evidence.produced_by = sidecar.produced_by
    try:
        _check_capture(folder / CAPTURE, sidecar)
        frames = tuple(read_capture(folder / CAPTURE))
        evidence.facts = from_json(sidecar.facts)
    except (UsageError, WireError, ValueError, RecursionError) as error:
        evidence.fault = _damaged(error)
        return evidence
    interfaces = tuple(each.record() for each in sidecar.interfaces)
    evidence.recording = Recording(frames, interfaces, sidecar.truncated_by)
    evidence.output = sidecar.output
    evidence.ending = Ending(**{name: getattr(sidecar.ending, name) for name in Ending.__slots__})
    evidence.halt = _halt(sidecar.halt, evidence.recording)
    evidence.fault = sidecar.fault
    return evidence


class Archive:
    """The evidence saved anywhere below a directory.

    Args:
        directory: where to look.

    Raises:
        UsageError: it is no directory, or holds no evidence, or evidence that another version wrote.
    """

    def __init__(self, directory: Path) -> None:
        if not directory.is_dir():
            raise UsageError(f"--netlab-replay {directory}: no such directory")
        self._folders: dict[Run, list[Path]] = {}
        self._sidecars: dict[Path, Sidecar] = {}
        self._damaged: dict[Run | None, list[str]] = {}
        for folder in _folders(directory):
            try:
                self._sidecars[folder] = found = read(folder / SIDECAR)
                self._folders.setdefault(found.run, []).append(folder)
            except Damaged as error:
                self._damaged.setdefault(error.run, []).append(_damaged(error))
        if not self._folders and not self._damaged:
            raise UsageError(f"--netlab-replay {directory}: no {SIDECAR} below it; keep captures with --netlab-capture")

    def find(self, scenario: Scenario | Reading) -> Evidence | None:
        """The evidence of a scenario; None where none was saved. What is damaged has a fault and no verdict.

        A run that could not go on fails the ground that the suite names today, whatever its name was then.
        """
        run = scenario.exercise, scenario.program, scenario.name
        folders = self._folders.get(run, [])
        fault = self._fault(run, folders)
        if fault:
            return Evidence(scenario.name, scenario.program, scenario.exercise, fault=fault)
        if not folders:
            return None
        evidence = load(folders[0])
        if evidence.halt is not None and evidence.halt.clause == evidence.ground:
            evidence.halt = replace(evidence.halt, clause=scenario.ground)
        return evidence

    def _fault(self, run: Run, folders: list[Path]) -> str:
        """Why there is no verdict on a run, or empty. A run that is missing may be the one that is damaged."""
        problems = self._damaged.get(run, [])
        if not folders and not problems:
            problems = [each for damaged in self._damaged.values() for each in damaged]
        for folder in folders:
            try:
                _check_capture(folder / CAPTURE, self._sidecars[folder])
            except UsageError as error:
                problems = [*problems, _damaged(error)]
        if problems:
            return problems[0] + (f" ({len(problems) - 1} more like it)" if problems[1:] else "")
        by_id = {self._sidecars[folder].run_id: folder for folder in reversed(folders)}
        if len(by_id) > 1:
            one, other = sorted(by_id.values())[:2]
            return f"two different runs of {run[1]}, {run[2]} are saved, in {one} and in {other}: keep one of them"
        return ""


def _folders(directory: Path) -> Iterator[Path]:
    """Where evidence is, or should be: a folder with either of the two files."""
    for parent, folders, files in os.walk(directory):
        folders.sort()
        if SIDECAR in files or CAPTURE in files:
            yield Path(parent)


def _check_capture(path: Path, sidecar: Sidecar) -> None:
    """Compare a capture with the digest beside it.

    Raises:
        UsageError: it is another, or cannot be read.
    """
    try:
        actual = digest(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; {REMEDY}") from error
    if actual != sidecar.capture_sha256:
        told = f"its SHA-256 begins {actual[:12]}, and {SIDECAR} says {sidecar.capture_sha256[:12]}"
        raise UsageError(f"{path} was changed since it was written: {told}; {REMEDY}")


def _damaged(error: Exception) -> str:
    return f"saved evidence is damaged: {error}"


def _saved(halt: Halt) -> SavedHalt:
    return SavedHalt(halt.clause, halt.expected, halt.actual, tuple(each.number for each in halt.closest))


def _halt(saved: SavedHalt | None, recording: Recording) -> Halt | None:
    if saved is None:
        return None
    wanted = set(saved.frames)
    closest = tuple(packet for packet in recording.packets if packet.number in wanted) if wanted else ()
    return Halt(saved.clause, saved.expected, saved.actual, closest)
