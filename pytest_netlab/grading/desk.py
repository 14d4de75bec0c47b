"""What a reading's script can do: look at the files of a submission. Nothing runs, and no lab is needed.

A reading is to files what a scenario is to programs: it reads as a list of steps, notes facts for the clauses,
and halts where the submission lacks what everything behind builds on.

Only regular files of the submission are read, as they were handed in; a build leaves no artefact.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NoReturn

from pytest_netlab.capture import Recording
from pytest_netlab.capture.reading import read_frames
from pytest_netlab.errors import HarnessFault, WireError
from pytest_netlab.grading import wireshark
from pytest_netlab.grading.evidence import Halt
from pytest_netlab.grading.stage import Halted
from pytest_netlab.grading.toml_text import TomlProblem, TomlText, kind_of
from pytest_netlab.lab.snapshot import Snapshot
from pytest_netlab.wire import Checksum, Frame, dissect

_LARGEST_TOML: Final = 1 << 20
_LARGEST_NUMBER: Final = 1 << 32


class Desk:
    """The files of a submission, as one script sees them.

    Attributes:
        facts: what the script noted; becomes `Evidence.facts`.
        recording: the capture that was read, empty before.
    """

    def __init__(self, files: Snapshot, ground: str, known: dict[str, Recording] | None = None) -> None:
        """Sit down.

        Args:
            files: of the submission.
            ground: id of the clause that fails when the script cannot go on.
            known: captures that were read before, by file name; new ones are added.
        """
        self._files = files
        self._ground = ground
        self._known = {} if known is None else known
        self._capture = b""
        self.facts: dict[str, Any] = {}
        self.recording = Recording(())

    def note(self, **facts: Any) -> None:
        """Keep facts for the clauses: numbers, strings, bytes, and lists and dictionaries of them."""
        self.facts.update(facts)

    def halt(self, expected: str, actual: str, *, clause: str = "") -> NoReturn:
        """End the script: the submission does not have what the rest of it builds on."""
        raise Halted(Halt(clause or self._ground, expected, actual))

    def read_capture(self, *names: str, clause: str = "") -> None:
        """Read the first of these files that is there.

        Checksums that are wrong count as unfinished: a capture taken where they are not finished yet says nothing
        about the wire, and network cards leave more in the field than the pseudo header's sum.

        Args:
            names: of files.
            clause: what fails when there is none, or it is damaged; by default the script's ground.
        """
        name, self._capture = self._first_of(names, clause)
        if name not in self._known:
            try:
                self._known[name] = _recording(self._capture)
            except _Damaged as damage:
                self.halt(f"a whole capture in {name}: pcapng or pcap", str(damage), clause=clause)
        self.recording = self._known[name]

    def read_toml(self, name: str, keys: Mapping[str, type], *, clause: str = "") -> None:
        """Read values and note them, `table.key` as the fact `table_key`. Other keys may stand beside them.

        Args:
            name: of the file.
            keys: `"table.key"` and what it holds: `str`, `int`, or `list` for a list of whole numbers.
            clause: what fails when the file, a key or its kind of value is not there; by default the script's ground.
        """
        _, data = self._first_of([name], clause)
        expected = f"{name} with {', '.join(keys)}"
        try:
            if len(data) > _LARGEST_TOML:
                raise TomlProblem(f"{len(data)} bytes: more than anybody writes by hand")
            values = _values(TomlText(data), keys)
        except TomlProblem as problem:
            self.halt(expected, f"{name}, {problem}", clause=clause)
        self.note(**values)

    def select(self, display_filter: str) -> None:
        """Run a display filter over the capture; note the `frames` that it selects, and Wireshark's `complaint`.

        Raises:
            NotJudged: Wireshark is not installed here.
            HarnessFault: it failed, or counts other frames than we do.
        """
        selected = wireshark.select(self._capture, display_filter)
        if max(selected.frames, default=0) > len(self.recording):
            raise HarnessFault(f"Wireshark sees frame {max(selected.frames)}, of {len(self.recording)} that we read")
        self.note(frames=selected.frames, complaint=selected.complaint)

    def _first_of(self, names: tuple[str, ...] | list[str], clause: str) -> tuple[str, bytes]:
        there = ((name, data) for name in names if (data := self._files.file(name)) is not None)
        found = next(there, None)
        if found is None:
            self.halt(f"a file {' or '.join(names)}", f"none found; looked for {', '.join(names)}", clause=clause)
        return found


class _Damaged(Exception):
    """A file that is no whole capture."""


def _recording(data: bytes) -> Recording:
    frames: list[Frame] = []
    try:
        for frame in read_frames(io.BytesIO(data)):
            frames.append(_excused(frame))
    except WireError as error:
        raise _Damaged(f"behind frame {len(frames)}: {error}" if frames else str(error)) from error
    return Recording(tuple(frames))


def _excused(frame: Frame) -> Frame:
    """The frame, with a wrong checksum taken for one that hardware was to finish."""
    carrier = dissect(frame).transport
    if carrier is None or carrier.checksum_state is not Checksum.BAD:
        return frame
    return replace(frame, checksum_unfinished=True)


def _values(text: TomlText, keys: Mapping[str, type]) -> dict[str, Any]:
    values = {}
    for dotted, kind in keys.items():
        table, _, key = dotted.partition(".")
        inside = text.tables.get(table)
        if not isinstance(inside, dict):
            raise TomlProblem(f"line {text.line_of((table,))}: the table [{table}] is missing")
        if key not in inside:
            raise TomlProblem(f"line {text.line_of((table,))}: [{table}] lacks the key {key}")
        problem = _wrong_kind(inside[key], kind)
        if problem:
            raise TomlProblem(f"line {text.line_of((table, key))}: {dotted}: {problem}")
        values[f"{table}_{key}"] = inside[key]
    return values


def _wrong_kind(value: object, kind: type) -> str:
    """What is wrong with a value; empty for nothing."""
    if kind is list:
        if not isinstance(value, list):
            return f"a list of frame numbers, such as [1, 2], and not {kind_of(value)}"
        return next(filter(None, (_wrong_kind(each, int) for each in value)), "")
    if kind is int:
        if not isinstance(value, int) or isinstance(value, bool):
            return f"a frame number is a whole number without quotes, and not {kind_of(value)}"
        return "" if 0 <= value < _LARGEST_NUMBER else f"{value} is no frame number"
    return "" if isinstance(value, str) else f"a string in quotes, and not {kind_of(value)}"
