"""The second opinion: Wireshark reads every recording of the session too, and has to read what we read.

It is asked when a run is over and before any of its clauses is judged, so that a disagreement reaches the clauses as
what it is: no verdict (`broken`), with both readings. Asking at the end of the session instead would take back
verdicts that had been printed, kept and counted; asking for each clause, or starting tshark for each recording,
costs more than grading. So each process that runs tests keeps one tshark running (`wireshark_reader`), started
together with its first program.

An opinion that could not be had is no disagreement: the verdict stands, and the report says that and why. That is so
where tshark fails or hangs, where a recording is too long to wait for, and where it is empty (nothing to read).
"""

from __future__ import annotations

import atexit
import functools
from typing import Final

from pytest_netlab.capture import Recording
from pytest_netlab.grading import opinion
from pytest_netlab.grading.isolation import tshark, tshark_version
from pytest_netlab.grading.opinion import Opinion
from pytest_netlab.grading.wireshark_reader import ReaderFault, WiresharkReader

MOST_FRAMES: Final = 10_000
"""Wireshark is not asked about a longer recording: pyshark reads some 2,000 frames a second."""
FRESH_AFTER_FRAMES: Final = 50_000
"""tshark remembers conversations; after so many frames another takes its place."""
MOST_FAULTS: Final = 3
"""After so many it is not asked again."""
_DIFFERENCES_TOLD: Final = 3


class SecondOpinion:
    """Wireshark's opinion on recordings."""

    def __init__(self) -> None:
        self._reader: WiresharkReader | None = None
        self._faults: list[str] = []

    def prepare(self) -> None:
        """Start tshark, and do not wait for it."""
        if self._reader is not None or len(self._faults) >= MOST_FAULTS:
            return
        program = tshark()
        if program is None:
            self._faults = ["tshark is not installed"] * MOST_FAULTS
            return
        try:
            self._reader = WiresharkReader(program, opinion.PROTOCOLS, opinion.FIELDS)
        except ReaderFault as fault:
            self._faults.append(str(fault))

    def on(self, recording: Recording) -> Opinion | None:
        """What Wireshark makes of a recording; None for one without frames."""
        if not recording.frames:
            return None
        if len(recording.frames) > MOST_FRAMES:
            return Opinion("not had", f"{len(recording.frames)} frames are more than Wireshark is asked about")
        try:
            return self._ask(recording)
        except ReaderFault as fault:
            self._faults.append(str(fault))
            self.close()
            return Opinion("not had", str(fault))

    def close(self) -> None:
        """End tshark; it is started again where it is needed again."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _ask(self, recording: Recording) -> Opinion:
        self.prepare()
        if self._reader is None:
            return Opinion("not had", self._faults[-1])
        differences = opinion.compare(recording.packets, self._reader.read(recording.frames))
        if self._reader.frames_read > FRESH_AFTER_FRAMES:
            self.close()
        if not differences:
            return Opinion("agrees")
        told = "; ".join(map(str, differences[:_DIFFERENCES_TOLD]))
        more = len(differences) - _DIFFERENCES_TOLD
        return Opinion("disagrees", f"{told}{f'; and {more} more' if more > 0 else ''} (tshark {tshark_version()})")


@functools.cache
def shared_second_opinion() -> SecondOpinion:
    """The one of this process, which outlives a session: the next one finds tshark running."""
    shared = SecondOpinion()
    atexit.register(shared.close)
    return shared
