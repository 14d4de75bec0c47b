"""The peers that programs meet when nobody grades them: by name, with what each of them does.

Without a name, all is well in the lab: httpbin.org serves its page, scanme.nmap.org accepts, 8.8.8.8 answers pings,
UDP port 8000 of 10.77.0.1 takes what comes. A name changes the part that it is about, and names add up. Nobody sits
on the student's own ports unless asked to, for a server of the student's wants them.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import ports, sniffers
from pytest_netlab.lab.addresses import NAMES
from pytest_netlab.lab.client import Lab
from pytest_netlab.traffic.handshake import HandshakePeer
from pytest_netlab.traffic.http import HttpServer
from pytest_netlab.traffic.icmp import EchoPeer
from pytest_netlab.traffic.mix import TrafficMix
from pytest_netlab.traffic.peer_names import PEERS
from pytest_netlab.traffic.udp import UdpServer, UdpSocket

_HTTP: Final = (NAMES["httpbin.org"], 80)
_SHAKING: Final = (NAMES["scanme.nmap.org"], 80)
_GREETINGS: Final = (b"Hello, World!", b"A", b"")
_UDP_SERVERS: Final = (8000, 20000)
_LOOK_AGAIN_S: Final = 0.02
_CLOSE_LIMIT_S: Final = 1.0


class Peers:
    """The peers of one lab. A context manager.

    Args:
        lab: where they are.
        names: of `PEERS`.

    Raises:
        UsageError: no such name.
    """

    def __init__(self, lab: Lab, names: Sequence[str] = ()) -> None:
        for name in names:
            if name not in PEERS:
                raise UsageError(f"--peer {name}: no such peer; there are {', '.join(PEERS)}")
        self._lab = lab
        self._kinds = [PEERS[name] for name in names]
        self._open = contextlib.ExitStack()
        self._web: HttpServer | None = None
        self._shaking: HandshakePeer | None = None
        self._over = threading.Event()

    def __enter__(self) -> Peers:
        with contextlib.ExitStack() as opened:
            self._start(opened)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._open.close()

    @property
    def listeners(self) -> tuple[tuple[str, int], ...]:
        """TCP addresses and ports where a peer waits in accept()."""
        shaking = self._shaking is not None and self._shaking.mode == "open"
        return (*((_HTTP,) if self._web else ()), *((_SHAKING,) if shaking else ()))

    @property
    def accepted(self) -> tuple[tuple[str, int], ...]:
        """The clients whom accept() returned."""
        web = [exchange.connection.peer for exchange in self._web.exchanges] if self._web else []
        return (*web, *(self._shaking.accepted if self._shaking else ()))

    def settle(self) -> None:
        """Return when what has begun has come to its end, or will not do so soon."""
        if self._shaking:
            self._shaking.settle()
        if self._web and self._web.exchanges:
            self._web.wait_finished(_CLOSE_LIMIT_S)

    def _start(self, opened: contextlib.ExitStack) -> None:
        lab, host = self._lab, self._lab.internet
        port = self._chosen("port", "open")
        if port == "open":
            self._web = opened.enter_context(HttpServer(host, self._chosen("page", "one_segment"), client=lab.student))
        else:
            opened.enter_context(HandshakePeer(host, port, *_HTTP))
        self._shaking = opened.enter_context(HandshakePeer(host, port, *_SHAKING))
        echo = self._chosen("echo", "answer")
        opened.enter_context(EchoPeer(lab, echo))
        opened.enter_context(UdpServer(host, 8000))
        for kind in self._kinds:
            self._at_the_student(kind.student, opened)

    def _chosen(self, part: str, usual: str) -> Any:
        """What the last of the names says of a part; as usual where none does."""
        said = [value for kind in self._kinds if (value := getattr(kind, part)) != usual]
        return said[-1] if said else usual

    def _at_the_student(self, what: str, opened: contextlib.ExitStack) -> None:
        student = self._lab.student
        if what == "listen":
            for port in (8000, 12345):
                opened.enter_context(UdpServer(student, port, "127.0.0.1"))
        elif what == "answer":
            opened.enter_context(UdpServer(student, 20000, "127.0.0.1", reply=b"ABCD"))
        elif what in ("call", "mix"):
            act = self._calls(opened) if what == "call" else self._mixes(opened)
            thread = threading.Thread(target=self._wait_and, args=act, name=f"netlab-{what}", daemon=True)
            thread.start()
            opened.callback(thread.join)
            opened.callback(self._over.set)

    def _calls(self, opened: contextlib.ExitStack) -> tuple[Callable[[], bool], Callable[[], object]]:
        student = self._lab.student
        callers = [opened.enter_context(UdpSocket(student, 0, "127.0.0.1")) for _ in _GREETINGS]

        def bound() -> set[int]:
            return ports.bound(student, "udp") & set(_UDP_SERVERS)

        def call() -> None:
            for port in sorted(bound()):
                for caller, greeting in zip(callers, _GREETINGS, strict=True):
                    with contextlib.suppress(ConnectionError):
                        caller.send(greeting, ("127.0.0.1", port))

        return lambda: bool(bound()), call

    def _mixes(self, opened: contextlib.ExitStack) -> tuple[Callable[[], bool], Callable[[], object]]:
        student = self._lab.student
        mix = opened.enter_context(TrafficMix(self._lab))
        before = set(sniffers.packet_sockets(student)) | sniffers.raw_sockets(student)

        def listens() -> bool:
            running = {each.inode for each in sniffers.packet_sockets(student).values() if each.running}
            return bool((running | sniffers.raw_sockets(student)) - before)

        return listens, lambda: mix.send(lambda sent, total: None)

    def _wait_and(self, condition: Callable[[], bool], act: Callable[[], object]) -> None:
        """Runs in a thread: the kernel's tables tell nobody when they change, so they are looked at."""
        while not self._over.wait(_LOOK_AGAIN_S):
            if condition():
                act()
                return
