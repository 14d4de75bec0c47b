"""A conversation told while it happens: one line a packet, beside what the program itself prints.

    │   1   0.000000  student → scanme.nmap.org   61413 → 80 S seq 0 (1000)
    │                 └ reset: no SYN came from port 46593: there is no connection

Where nobody looks at a terminal the lines stand alone, without the bar. A flood is told in part: so many lines at a
time, and how many packets there were besides.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pytest_netlab.capture import Capture
from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.grading.conversation import Teller
from pytest_netlab.grading.explanation import Step
from pytest_netlab.lab.addresses import host_names
from pytest_netlab.report.style import Style
from pytest_netlab.wire import Packet
from pytest_netlab.wire.flows import Packets

_AT_A_TIME: Final = 20
_ROUND_S: Final = 0.25
_MOST: Final = 2_000
_TIME: Final = 11


class Live:
    """Tells a running capture. A context manager: leaving it tells what is left.

    Args:
        capture: running.
        say: writes lines.
        style: looks and width.
        bar: put a bar before each line, to tell it from the program's.
    """

    def __init__(self, capture: Capture, say: Callable[[Iterable[str]], None], style: Style, *, bar: bool) -> None:
        self._capture = capture
        self._say = say
        self._style = style
        self._before = f"{style.glyph('line')} " if bar else ""
        self._teller = Teller(host_names(), briefly=True)
        self._seen = 0
        self._told = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="netlab-live", daemon=True)

    def __enter__(self) -> Live:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self._tell(self._capture.news(self._seen, _ROUND_S))
            self._capture.sync()
            self._tell(self._capture.news(self._seen, 0))
        except (HarnessFault, UsageError):
            return  # the capture says so itself, when it is stopped

    def _tell(self, packets: Sequence[Packet]) -> None:
        if not packets:
            return
        # A packet on loopback is seen going out and coming in: it is one.
        once = {packet.number for packet in Packets(packets).once}
        self._seen += len(packets)
        room = max(0, min(_AT_A_TIME, _MOST - self._told))
        lines: list[str] = []
        steps = [step for packet in packets if packet.number in once and (step := self._teller.step(packet))]
        for step in steps[:room]:
            lines += self._lines(step)
        self._told += min(room, len(steps))
        if room and len(steps) > room:
            lines.append(self._cut(f"{'':<{4 + _TIME}}{self._style.glyph('more')} {len(steps) - room} packets more"))
        self._say(lines)

    def _lines(self, step: Step) -> list[str]:
        between = f"{step.source} {self._style.glyph('to')} {step.destination}"
        lines = [self._cut(f"{step.frame:>3}  {step.time_s:>{_TIME - 2}.6f}  {between}  {step.label}")]
        if step.note:
            lines.append(self._cut(f"{'':<{4 + _TIME}}{self._style.glyph('note')} {step.note}"))
        return lines

    def _cut(self, text: str) -> str:
        cut = self._style.cells(text, self._style.width - len(self._before))
        return self._style.paint(self._before + cut, "link")
