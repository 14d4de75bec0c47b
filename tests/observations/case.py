"""One submission of exercise 1.3: frames, notes about them, and what must become of it.

In a case frames are known by labels, which are their numbers in the reference's capture; frames that were added have
labels of their own. So notes need not be written again for every capture: `Notes.text` finds out under which
numbers Wireshark shows the frames that are meant.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_netlab.wire import Frame
from tests.observations.files import pcapng

PCAPNG: Final = "packet_observation.pcapng"
PCAP: Final = "packet_observation.pcap"
TOML: Final = "packet_observation.toml"


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of a case, with labels instead of frame numbers."""

    udp_filter: str = "udp.port == 8000"
    frames: Sequence[int] = (1,)
    tcp_filter: str = "tcp.port == 80 and ip.addr == 10.77.0.80"
    handshake: Sequence[int] = (2, 3, 4)
    request: int = 5
    teardown: Sequence[int] = (9, 10, 11)

    def text(self, frames: Sequence[Frame]) -> str:
        """The file about these frames. A label of none of them stands for itself."""
        numbers: dict[int, int] = {}
        for number, frame in enumerate(frames, 1):
            numbers.setdefault(frame.number, number)

        def shown(labels: Sequence[int]) -> str:
            return str([numbers.get(label, label) for label in labels])

        return (
            f"[udp]\ndisplay_filter = {json.dumps(self.udp_filter)}\nframes = {shown(self.frames)}\n\n"
            f"[tcp]\ndisplay_filter = {json.dumps(self.tcp_filter)}\nhandshake = {shown(self.handshake)}\n"
            f"request = {shown([self.request])[1:-1]}\nteardown = {shown(self.teardown)}\n"
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A submission.

    Attributes:
        name: of its directory.
        title: what is special about it.
        frames: the capture's, labelled.
        notes: about them.
        fails: the clause that it fails, empty for a variant.
        words: what the failure's message must contain.
        capture: name of the capture's file.
        write: makes that file's content.
        others: files instead of the made ones; None leaves a file out.
    """

    name: str
    title: str
    frames: Sequence[Frame]
    notes: Notes = Notes()
    fails: str = ""
    words: Sequence[str] = ()
    capture: str = PCAPNG
    write: Callable[[Sequence[Frame]], bytes] = pcapng
    others: Mapping[str, bytes | None] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """Its files, by name."""
        made: dict[str, bytes | None] = {
            self.capture: self.write(self.frames),
            TOML: self.notes.text(self.frames).encode(),
            "expect.toml": self._expectation().encode(),
        }
        made |= self.others
        return {name: data for name, data in made.items() if data is not None}

    def _expectation(self) -> str:
        lines = [f"title = {json.dumps(self.title)}", 'programs = ["packet_observation"]', 'needs = ["tshark"]']
        if self.fails:
            lines += [f'fails = ["{self.fails}"]', f"words = {json.dumps(list(self.words))}"]
        return "\n".join(lines) + "\n"

    def save(self, root: Path) -> None:
        """Write it below `root`, the directory of all submissions."""
        folder = root / ("broken" if self.fails else "variants") / "1.3" / self.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files().items():
            (folder / name).write_bytes(data)
