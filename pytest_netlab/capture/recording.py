"""A recording: every frame of a capture, and what is known about its completeness.

Rules: a recording that lacks a frame does not exist (the capture raised `HarnessFault`), with one exception
that it states itself: `truncated_by` names the limit at which recording stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pytest_netlab.capture.counters import Counters
from pytest_netlab.wire.flows import Packets
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.views import Views

LIMIT_CAPTURE: Final = "limit:capture"
"""`Recording.truncated_by` when there were more frames than a capture may keep."""


@dataclass(frozen=True, slots=True)
class InterfaceRecord:
    """What one tap saw altogether.

    Attributes:
        name: name of the tap.
        link_type: LINKTYPE_ value of its frames.
        received: frames that passed, those beyond a limit included, barriers not.
        dropped: frames that the kernel could not put into the ring.
        freezes: how often the ring was full.
        counters: what the interface itself counted meanwhile, barriers included.
    """

    name: str
    link_type: int = 1
    received: int | None = None
    dropped: int | None = None
    freezes: int | None = None
    counters: Counters | None = None


@dataclass(frozen=True)
class Recording(Views):
    """Frames in the order of time, numbered from 1.

    Attributes:
        frames: all of them.
        interfaces: the taps they came from.
        truncated_by: `"limit:capture"` where recording stopped early; None where nothing is missing.
    """

    frames: Sequence[Frame]
    interfaces: tuple[InterfaceRecord, ...] = ()
    truncated_by: str | None = None

    @cached_property
    def packets(self) -> Packets:
        """The frames dissected, on first use."""
        return Packets.of(self.frames)

    def __len__(self) -> int:
        return len(self.frames)
