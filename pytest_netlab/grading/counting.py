"""Exercise 2.3 while it runs: when does the program listen, has it counted everything, what did it show when?

A sniffer's socket exists before it hears: libraries open, bind, filter, and may throw away what came meanwhile. So
warm-up datagrams go out, each after a longer wait, until the counts that are shown rise. Then the program listens, and
heard the last so many of them. How many is told by packets of another class: when those are shown to be counted,
everything before them has been counted as well.

The mix is sent no faster than the program reads. Then there is a wait for the counts to become right. Counts that are
not, and have stood still for `PATIENCE_S`, will not become so.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from pytest_netlab.grading.counts import CLASSES, Counts, counts_on
from pytest_netlab.grading.screen import Screen
from pytest_netlab.grading.tally import Tally
from pytest_netlab.traffic import craft
from pytest_netlab.traffic.mix import OTHER_PROTOCOL, TrafficMix
from pytest_netlab.traffic.raw import RawSocket

if TYPE_CHECKING:
    from pytest_netlab.grading.stage import Stage

PATIENCE_S: Final = 5.0
"""Longer than a display that is renewed every few seconds stands still."""
_WARM_UP_WAITS_S: Final = (0.1, 0.4, 1.0, 2.5, 5.0)
_PACE_LIMIT_S: Final = 2.0
_MOST_UNREAD_BYTES: Final = 32 << 10
_LOOK_AGAIN_S: Final = 0.002
_LAST_ECHO: Final = (0x4C41, 0x5354)
"""Identifier and sequence number of the echo request behind the mix."""
_CHECK_AGAIN_S: Final = 0.1
"""The recording may be a millisecond behind the display."""
_OTHER = CLASSES[-1]


class Counting:
    """Follows what a counter shows, and sends it what it is to count.

    Args:
        stage: with the program started.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._screen = Screen()
        self._read = 0
        self._mix = stage.use(TrafficMix(stage.lab))
        self._held = stage.udp_socket(stage.student.address)
        self._warm_up = {"port": self._held.getsockname()[1], "least": 1, "most": 0}

    @property
    def counts(self) -> Counts:
        """The counts that are shown now."""
        output = self._stage.output
        if len(output) > self._read:
            self._screen.feed(output[self._read :])
            self._read = len(output)
        return counts_on(self._screen)

    def warm_up(self) -> None:
        """Send datagrams until the counts rise, and find out how many of them were heard."""
        port, sent = self._warm_up["port"], 0
        sender = self._stage.udp_socket(self._stage.internet.address, host=self._stage.internet)
        for wait_s in _WARM_UP_WAITS_S:
            sender.sendto(b"is anybody counting?", (self._stage.student.address, port))
            sent += 1
            if self._await(lambda: any(self.counts.values()), wait_s) or not self._stage.program.running:
                break
        known = sent == 1 or self._show_what_was_heard()
        heard = min(max(1, self.counts.get("UDP", 0)), sent)
        self._warm_up = {"port": port, "least": heard, "most": heard if known else sent}

    def _show_what_was_heard(self) -> bool:
        """Send two packets of another class, the second when the first is shown; whether both came to be shown.

        When the second is, a display that shows the first is complete, whichever count it draws first.
        """
        with RawSocket(self._stage.internet, OTHER_PROTOCOL) as marker:
            for number in (1, 2):
                marker.send(b"how many were they?", self._stage.student.address)
                if not self._await(lambda least=number: self.counts.get(_OTHER, 0) >= least, PATIENCE_S):  # type: ignore[misc]
                    return False
        return True

    def send_mix(self) -> None:
        """Send every class, no faster than the program reads, and see that all of it has been recorded."""
        self._mix.send(lambda sent, total: self._await_read())
        with RawSocket(self._stage.internet, socket.IPPROTO_ICMP) as last:
            last.send(craft.echo_request(*_LAST_ECHO, b"that was all"), self._stage.student.address)
        self._until(self._last_is_recorded)

    def await_agreement(self) -> None:
        """Wait until the counts shown are right, or will not become right. Notes them, and whether it still runs."""
        program = self._stage.program
        last, since = self.counts, time.monotonic()
        while not self._await(self._agrees, _CHECK_AGAIN_S) and program.running:
            if self.counts != last:
                last, since = self.counts, time.monotonic()
            if time.monotonic() - since > PATIENCE_S:
                break
        self._stage.note(warm_up=self._warm_up, live=self.counts, running=program.running)

    def end(self, limit_s: float) -> None:
        """Press Ctrl-C, wait for the end, and note the last counts, and those shown behind Ctrl-C."""
        before = len(self._stage.output)
        self._stage.interrupt(limit_s)
        self._stage.finish()
        behind = Screen()
        behind.feed(self._stage.output[before:])
        self._stage.note(shown=self.counts, final=counts_on(behind))

    def _agrees(self) -> bool:
        return Tally(self._stage.recorded, self.counts, self._warm_up).agrees

    def _await(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Wait until a condition on the output holds, the program has ended, or time is up."""
        return self._stage.program.wait_output(lambda output: condition(), limit_s)

    def _await_read(self) -> None:
        """Wait until the program has read most of what waits in its sockets."""
        self._until(lambda: sum(each.unread for each in self._stage.sniffers) <= _MOST_UNREAD_BYTES)

    def _last_is_recorded(self) -> bool:
        """Whether the answer to the last packet has been recorded, and with it all that came before."""
        echoes = (packet.icmp for packet in self._stage.recorded if packet.icmp is not None)
        return any((each.type, each.identifier, each.sequence) == (0, *_LAST_ECHO) for each in echoes)

    def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that is on its way, and not for ever; the program may end meanwhile."""
        deadline = time.monotonic() + _PACE_LIMIT_S
        while not condition() and time.monotonic() < deadline:
            self._stage.program.wait(_LOOK_AGAIN_S)
