"""What a scenario's script can do. A script reads as a timeline: start, wait for the event, send, wait, end.

Every wait ends with the event, with the end of the program, or with a deadline, whichever is first. A script
that cannot go on says what it expected (`halt`); that is a fault of the program, and ends the script, not the
grading. Whatever goes wrong on this side is a `HarnessFault`.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import time
from collections.abc import Callable
from typing import Any, Final, NoReturn

from pytest_netlab.grading.evidence import Ending, Halt
from pytest_netlab.grading.output import shows
from pytest_netlab.lab import ports
from pytest_netlab.lab.client import Host, Lab
from pytest_netlab.lab.program import Program

BIND_LIMIT_S: Final = 10.0
ANSWER_LIMIT_S: Final = 10.0
_IMPATIENT_S: Final = 1.0
_LOOK_AGAIN_S: Final = 0.002
_LARGEST_DATAGRAM: Final = 65_535


class Halted(Exception):
    """Ends a script; carries the reason."""

    def __init__(self, reason: Halt) -> None:
        super().__init__(reason.actual)
        self.reason = reason


class Stage:
    """The lab, the program and the grader's peers, as one script sees them.

    Attributes:
        student: the host that the program runs in.
        internet: the host of the grader's peers.
        facts: what the script noted; becomes `Evidence.facts`.
    """

    def __init__(self, lab: Lab, launch: Callable[[], Program], ground: str) -> None:
        self._launch = launch
        self._ground = ground
        self._program: Program | None = None
        self._started_s = 0.0
        self._patience_s = ANSWER_LIMIT_S
        self.lab = lab
        self.student: Host = lab.student
        self.internet: Host = lab.internet
        self.facts: dict[str, Any] = {}
        self.ending = Ending()

    @property
    def program(self) -> Program:
        """The program; `start` comes first."""
        if self._program is None:
            raise RuntimeError("the script used the program before stage.start()")
        return self._program

    @property
    def output(self) -> bytes:
        """What the program has printed so far."""
        return self._program.output if self._program else b""

    def start(self) -> None:
        """Start the program."""
        self._ports_before = {kind: ports.bound(self.student, kind) for kind in ("udp", "tcp")}
        self._started_s = time.monotonic()
        self._program = self._launch()

    def note(self, **facts: Any) -> None:
        """Keep facts for the clauses: numbers, strings, bytes, and lists and dictionaries of them."""
        self.facts.update(facts)

    def halt(self, expected: str, actual: str, *, clause: str = "") -> NoReturn:
        """End the script: the program did not do what the rest of it builds on."""
        raise Halted(Halt(clause or self._ground, expected, actual))

    def await_udp_port(self, port: int, limit_s: float = BIND_LIMIT_S) -> None:
        """Wait until the program has bound a UDP port, on whatever address."""
        self._await_port("UDP", port, limit_s, lambda: ports.bound(self.student, "udp"))

    def await_tcp_port(self, port: int, limit_s: float = BIND_LIMIT_S) -> None:
        """Wait until the program listens on a TCP port, on whatever address."""
        self._await_port("TCP", port, limit_s, lambda: ports.listening(self.student))

    def _await_port(self, protocol: str, port: int, limit_s: float, look: Callable[[], set[int]]) -> None:
        deadline = time.monotonic() + limit_s
        before = self._ports_before[protocol.lower()]
        while port not in (seen := look()):
            others = sorted(seen - before)
            found = f"{protocol} ports bound instead: {', '.join(map(str, others))}" if others else "no port bound"
            if not self.program.running:
                self.finish()
                self.halt(f"{protocol} port {port} bound", f"{found}; the program {self.ending}")
            if time.monotonic() > deadline:
                self.halt(f"{protocol} port {port} bound within {limit_s:.0f} s", found)
            self.program.wait(_LOOK_AGAIN_S)
        self.note(ports=sorted(seen - before))

    def await_end(self, limit_s: float) -> bool:
        """Wait until the program ends by itself. Returns whether it did within `limit_s` of its start."""
        left_s = limit_s - (time.monotonic() - self._started_s)
        ended = self.program.wait(left_s)
        if ended:
            self.finish()
        return ended

    def await_shown(self, payload: bytes, limit_s: float | None = None) -> bool:
        """Wait until the output shows `payload`, in whatever spelling, or the program ends, or time is up.

        Time is long for the first payload and short once one has stayed away, unless `limit_s` says otherwise.
        """
        patience_s = self._patience_s if limit_s is None else limit_s
        shown = self.program.wait_output(lambda output: shows(output, payload), patience_s)
        if not shown and limit_s is None:
            self._patience_s = _IMPATIENT_S
        return shown

    def await_datagram(self, receiver: socket.socket, limit_s: float = ANSWER_LIMIT_S) -> tuple[bytes, Any] | None:
        """Wait for a datagram at one of the grader's sockets.

        Returns:
            Its payload and its sender's address; None when the program ended or time was up first.
        """
        self._wait_for(receiver, limit_s)
        # What the program sent last may have come together with its end.
        if not select.select([receiver], [], [], 0)[0]:
            return None
        data, sender = receiver.recvfrom(_LARGEST_DATAGRAM)
        return data, sender

    def ask(self, asker: socket.socket, request: bytes, to: tuple[str, int]) -> bytes | None:
        """Send a datagram and wait for one back.

        The first answer may take `ANSWER_LIMIT_S`; once one has stayed away, the next ones get a second each.

        Returns:
            The answer's payload, or None where none came.
        """
        asker.sendto(request, to)
        with contextlib.suppress(ConnectionRefusedError):
            if (answer := self.await_datagram(asker, self._patience_s)) is not None:
                return answer[0]
        self._patience_s = _IMPATIENT_S
        return None

    def try_send(self, sender: socket.socket, message: bytes, to: tuple[str, int]) -> None:
        """Send a datagram; that an earlier one was refused is for the recording to say, not for this call."""
        with contextlib.suppress(ConnectionRefusedError):
            sender.sendto(message, to)

    def is_refused(self, sender: socket.socket, message: bytes, to: tuple[str, int], limit_s: float = 2.0) -> bool:
        """Send a datagram and wait for the ICMP error that says that nobody is there."""
        sender.connect(to)
        sender.send(message)
        self._wait_for(sender, limit_s)
        return sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED

    def send_and_see_afterwards(self, message: bytes, to: tuple[str, int]) -> None:
        """Start a server that prints what it gets; send it `message`, then `afterwards`, and wait to see that."""
        self.start()
        self.await_udp_port(to[1])
        sender = self.udp_socket()
        self.try_send(sender, message, to)
        self.try_send(sender, b"afterwards", to)
        self.await_shown(b"afterwards", limit_s=5)

    def _wait_for(self, receiver: socket.socket, limit_s: float) -> None:
        """Return when the socket is readable, the program has ended, or time is up."""
        select.select([receiver.fileno(), self.program.fileno()], [], [], max(0.0, limit_s))

    def finish(self) -> None:
        """End the program, if it still runs, as a person would. Harmless when called again."""
        program = self._program
        if program is None or self.ending.status is not None or self.ending.not_started:
            return
        program.stop()
        self.ending = Ending(
            program.status, program.stopped_by, time.monotonic() - self._started_s, program.not_started
        )

    def udp_socket(self, address: str = "127.0.0.1", port: int = 0, *, host: Host | None = None) -> socket.socket:
        """A bound UDP socket of the grader's own, in the student host unless another is named."""
        made = (host or self.student).socket(socket.AF_INET, socket.SOCK_DGRAM)
        # A program that binds the same port by mistake should get that far, and be told on the wire.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        return made
