"""What a scenario's script can do. A script reads as a timeline: start, wait for the event, send, wait, end.

Every wait ends with the event, with the end of the program, or with a deadline, whichever is first. A script
that cannot go on says what it expected (`halt`); that is a fault of the program, and ends the script, not the
grading. Whatever goes wrong on this side is a `HarnessFault`.
"""

from __future__ import annotations

import contextlib
import errno
import math
import secrets
import select
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Final, Literal, NoReturn, TypeVar

from pytest_netlab.grading.deadline import Deadline
from pytest_netlab.grading.evidence import Ending, Halt
from pytest_netlab.grading.output import shows
from pytest_netlab.lab import ports
from pytest_netlab.lab.client import Host, Lab
from pytest_netlab.lab.program import LAST_WISH_S, Program
from pytest_netlab.lab.sniffers import Sniffer, packet_sockets, raw_sockets
from pytest_netlab.traffic.destinations import family_of
from pytest_netlab.traffic.handshake import HandshakePeer
from pytest_netlab.traffic.http import HttpServer
from pytest_netlab.traffic.icmp import PUBLIC_ADDRESS, EchoPeer
from pytest_netlab.traffic.icmpv6 import EchoPeer6
from pytest_netlab.wire import Frame, Packets

BIND_LIMIT_S: Final = 10.0
ANSWER_LIMIT_S: Final = 10.0
LISTEN_LIMIT_S: Final = 15.0
"""Slow starters, a JVM or tshark, need seconds before they hear anything."""
_IMPATIENT_S: Final = 1.0
_LOOK_AGAIN_S: Final = 0.002
_LARGEST_DATAGRAM: Final = 65_535
_CLOSE_LIMIT_S: Final = 5.0
_PAGE_TAIL_BYTES: Final = 1 << 16
_Peer = TypeVar("_Peer")


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

    def __init__(
        self,
        lab: Lab,
        launch: Callable[[tuple[str, ...], dict[str, str]], Program],
        ground: str,
        frames: Callable[[], list[Frame]] = list,
        wall_s: float = math.inf,
    ) -> None:
        """Set the stage.

        Args:
            lab: where it stands.
            launch: starts the program, with these arguments, and these variables added to its environment.
            ground: id of the clause that fails when the script cannot go on.
            frames: what has been recorded so far.
            wall_s: the longest that a program may take, whatever longer limits the script gives it.
        """
        self._wall_s = wall_s
        self._overdue = ""
        self._launch = launch
        self._frames = frames
        self._ground = ground
        self._program: Program | None = None
        self._started_s = 0.0
        self._patience_s = ANSWER_LIMIT_S
        self._peers = ExitStack()
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

    @property
    def recorded(self) -> Packets:
        """What has passed so far; a frame of this very millisecond may still be missing."""
        return Packets.of(self._frames())

    @property
    def started_s_ago(self) -> float:
        """Seconds since the start of the program."""
        return time.monotonic() - self._started_s

    def start(self, *arguments: str, terminal: str = "dumb") -> None:
        """Start the program.

        Args:
            arguments: of its command line, behind those that the submission names itself.
            terminal: what kind it is told to write to. On a dumb one nothing is redrawn, so the output reads as text.
        """
        # In a fresh lab only the grader has sockets, and looking for those of TCP takes the kernel milliseconds: it
        # walks a table of all connections of the machine.
        kinds = ("udp",) if self.lab.has_cable else ("udp", "tcp")
        self._ports_before = {kind: ports.bound(self.student, kind) for kind in kinds}
        self._sniffers_before = set(packet_sockets(self.student)) | raw_sockets(self.student)
        self._started_s = time.monotonic()
        self._program = self._launch(arguments, {"TERM": terminal})

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
        limit_s = min(limit_s, self._wall_s)
        deadline = Deadline(self.program, limit_s)
        before = self._ports_before.get(protocol.lower(), set())
        while port not in (seen := look()):
            others = sorted(seen - before)
            found = f"{protocol} ports bound instead: {', '.join(map(str, others))}" if others else "no port bound"
            if not self.program.running:
                self.finish()
                self.halt(f"{protocol} port {port} bound", f"{found}; the program {self.ending}")
            if deadline.is_over():
                self._overdue = f"limit:wall: still running after {limit_s:.0f} s"
                self.halt(f"{protocol} port {port} bound within {limit_s:.0f} s", f"{found}; {self._overdue}")
            self.program.wait(_LOOK_AGAIN_S)
        self.note(ports=sorted(seen - before))

    @property
    def sniffers(self) -> list[Sniffer]:
        """The packet sockets that the program, or a helper of it, holds now."""
        return [each for each in packet_sockets(self.student).values() if each.inode not in self._sniffers_before]

    def listens(
        self, port: int = 0, limit_s: float = LISTEN_LIMIT_S, unless: Callable[[bytes], bool] | None = None
    ) -> bool:
        """Wait until the program holds a packet or raw socket, or the UDP port where one is given.

        Args:
            port: a UDP port that will do as well.
            limit_s: the longest wait, in seconds.
            unless: a question about all that was printed so far; yes ends the wait.

        Returns:
            Whether it does. False where it ended, or time was up first.
        """
        deadline = Deadline(self.program, min(limit_s, self._wall_s))
        while not self._is_listening(port):
            if deadline.is_over() or self.program.wait(_LOOK_AGAIN_S):
                return False
            if unless is not None and unless(self.output):
                return False
        return True

    def _is_listening(self, port: int) -> bool:
        if self.sniffers or raw_sockets(self.student) - self._sniffers_before:
            return True
        return port != 0 and port in ports.bound(self.student, "udp") - self._ports_before["udp"]

    def await_sniffer(self, limit_s: float = LISTEN_LIMIT_S) -> None:
        """Wait until the program listens to what others send. Without that the script ends."""
        if self.listens(limit_s=limit_s):
            return
        if self.program.running:
            limit_s = min(limit_s, self._wall_s)
            self._overdue = f"limit:wall: still running after {limit_s:.0f} s"
            self.halt(f"a packet socket that listens, within {limit_s:.0f} s", f"none; {self._overdue}")
        self.finish()
        self.halt("a packet socket that listens to what passes", f"none; the program {self.ending}")

    def interrupt(self, limit_s: float) -> None:
        """Press Ctrl-C, and wait until the program has ended, or `limit_s` seconds since its start are over."""
        self.program.interrupt()
        self.await_end(limit_s)

    def await_end(self, limit_s: float) -> bool:
        """Wait until the program ends by itself. Returns whether it did within `limit_s` of its start."""
        limit_s = min(limit_s, self._wall_s)
        deadline = Deadline(self.program, limit_s, self._started_s)
        while not (ended := self.program.wait(deadline.left_s)) and not deadline.is_over():
            pass
        if ended:
            self.finish()
        else:
            self._overdue = f"limit:wall: still running after {limit_s:.0f} s"
        return ended

    def await_shown(self, payload: bytes, limit_s: float | None = None) -> bool:
        """Wait until the output shows `payload`, in whatever spelling, or the program ends, or time is up.

        Time is long for the first payload and short once one has stayed away, unless `limit_s` says otherwise.
        """
        patience_s = self._patience_s if limit_s is None else limit_s
        deadline = Deadline(self.program, patience_s)
        while not (shown := self.program.wait_output(lambda output: shows(output, payload), deadline.left_s)):
            if deadline.is_over():
                break
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

    def received(self, receiver: socket.socket, limit_s: float = 1.0) -> list[bytes]:
        """Everything that has come to one of the grader's sockets; waits for the first datagram alone."""
        payloads: list[bytes] = []
        while select.select([receiver], [], [], 0 if payloads else limit_s)[0]:
            payloads.append(receiver.recv(_LARGEST_DATAGRAM))
        return payloads

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
        sender = self.udp_socket(to[0])
        self.try_send(sender, message, to)
        self.try_send(sender, b"afterwards", to)
        self.await_shown(b"afterwards", limit_s=5)

    def _wait_for(self, receiver: socket.socket, limit_s: float) -> None:
        """Return when the socket is readable, the program has ended, or time is up."""
        deadline = Deadline(self.program, max(0.0, min(limit_s, self._wall_s - self.started_s_ago)))
        sources = [receiver.fileno(), self.program.fileno()]
        while not select.select(sources, [], [], deadline.left_s)[0] and not deadline.is_over():
            pass

    def finish(self) -> None:
        """End the program, if it still runs, as a person would. Harmless when called again."""
        program = self._program
        if program is None or self.ending.status is not None or self.ending.not_started:
            return
        program.stop(_IMPATIENT_S / 2 if self._overdue else LAST_WISH_S)
        self.ending = Ending(
            program.status,
            program.stopped_by,
            time.monotonic() - self._started_s,
            program.not_started,
            time.time_ns(),
            program.limit or self._overdue,
        )

    def use(self, peer: AbstractContextManager[_Peer]) -> _Peer:
        """Keep a peer until the program has ended and the recording is over: what it says when it closes is in none."""
        return self._peers.enter_context(peer)

    def close(self) -> None:
        """Close the peers.

        Raises:
            HarnessFault: one of them had died.
        """
        self._peers.close()

    def echo_peer(
        self, mode: Literal["answer", "silent", "unreachable"], address: str = PUBLIC_ADDRESS
    ) -> EchoPeer | EchoPeer6:
        """What an echo request to `address`, IPv4 or IPv6, comes to: a reply, nothing, or destination unreachable."""
        if family_of(address) == socket.AF_INET6:
            return self.use(EchoPeer6(self.lab, mode, address))
        return self.use(EchoPeer(self.lab, mode, address))

    def handshake_peer(self, mode: Literal["open", "closed", "silent"]) -> HandshakePeer:
        """TCP port 80 of scanme.nmap.org: a listener, a refusal, or nothing at all."""
        return self.use(HandshakePeer(self.internet, mode))

    def http_server(self, mode: str) -> HttpServer:
        """Port 80 of httpbin.org; a mode of `traffic.http`. Its page ends in a word that no program can guess."""
        marker = f"end-of-page-{secrets.token_hex(4)}"
        return self.use(HttpServer(self.internet, mode, client=self.student, marker=marker))

    def fetch(self, mode: str, limit_s: float, *, until_shown: bool = False) -> None:
        """Start a client of the web server, and wait until it ends.

        Notes `marker`, what the page ends in, and `closed`, whether the client closed its connections before it
        was ended by the grader.

        Args:
            mode: how the server delivers its page.
            limit_s: the longest wait, in seconds.
            until_shown: a client that has shown the page to its end has but a second left.
        """
        server = self.http_server(mode)
        self.start()
        if until_shown:
            marker = server.marker.encode()
            self.program.wait_output(lambda output: marker in output[-_PAGE_TAIL_BYTES:], min(limit_s, self._wall_s))
            limit_s = min(limit_s, self.started_s_ago + _IMPATIENT_S)
        if self.await_end(limit_s):
            server.wait_finished(_CLOSE_LIMIT_S)
        self.note(marker=server.marker, closed=server.closed_by_clients)

    def udp_socket(self, address: str = "127.0.0.1", port: int = 0, *, host: Host | None = None) -> socket.socket:
        """A bound UDP socket of the grader's own, in the student host unless another is named.

        At an IPv6 address it is of IPv6 alone: the same port over IPv4 stays free.
        """
        made = (host or self.student).socket(family_of(address), socket.SOCK_DGRAM)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # A program that binds the same port by mistake should get that far, and be told on the wire.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        return made
