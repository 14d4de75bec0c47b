"""UDP over real sockets in a real lab: asked, answered, silent, and what ends a wait."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator

import pytest

from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.client import Agent, Lab
from pytest_netlab.traffic.udp import Datagram, UdpServer, UdpSocket


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    made = Agent()
    yield made
    made.close()


@pytest.fixture
def lab(agent: Agent) -> Iterator[Lab]:
    with agent.lab() as made:
        yield made


@pytest.mark.parametrize("version", ["address", "address6"])
def test_server_answers_the_sender(lab: Lab, version: str) -> None:
    address = getattr(lab.internet, version)
    with (
        UdpServer(lab.internet, address=address, reply=b"ABCD") as server,
        UdpSocket(lab.student, address=getattr(lab.student, version)) as student,
    ):
        answer = student.ask(b"A", (address, server.port), 5)
        assert answer == Datagram(b"ABCD", (address, server.port))
        assert server.received == [Datagram(b"A", (getattr(lab.student, version), student.port))]


def test_reply_may_be_computed_and_may_be_silence(lab: Lab) -> None:
    def reply(data: bytes, source: tuple[str, int]) -> bytes | None:
        return str(source[1]).encode() if data else None

    with UdpServer(lab.internet, reply=reply) as server, UdpSocket(lab.student) as student:
        student.send(b"", server.address)
        assert student.ask(b"x", server.address, 5) == Datagram(str(student.port).encode(), server.address)
        assert [datagram.data for datagram in server.received] == [b"", b"x"]


def test_largest_datagram_arrives_whole(lab: Lab) -> None:
    data = bytes(range(256)) * 255
    with UdpServer(lab.internet, reply=lambda data, _: data) as server, UdpSocket(lab.student) as student:
        answer = student.ask(data, server.address, 5)
        assert answer is not None
        assert answer.data == data


def test_silent_server_is_known_to_have_heard_nothing_when_the_program_ends(lab: Lab) -> None:
    with UdpServer(lab.internet) as server, lab.launch(["true"], snapshot.Snapshot()) as program:
        before = time.monotonic()
        assert not server.wait_for(1, 30, until_ended=program)
        assert time.monotonic() - before < 10


def test_datagram_of_a_program_that_ends_at_once_is_not_missed(lab: Lab) -> None:
    code = "import socket,sys; socket.socket(2, 2).sendto(b'last words', ('10.77.0.1', int(sys.argv[1])))"
    for _ in range(20):
        with UdpServer(lab.internet) as server:
            argv = [sys.executable, "-S", "-c", code, str(server.port)]
            with lab.launch(argv, snapshot.Snapshot()) as program:
                assert server.wait_for(1, 30, until_ended=program), program.output


def test_receive_ends_with_the_program(lab: Lab) -> None:
    with UdpSocket(lab.internet) as waiting, lab.launch(["true"], snapshot.Snapshot()) as program:
        before = time.monotonic()
        assert waiting.receive(30, until_ended=program) is None
        assert time.monotonic() - before < 10


def test_exception_in_a_reply_is_the_harness_fault_of_the_next_look(lab: Lab) -> None:
    def reply(data: bytes, source: tuple[str, int]) -> bytes:
        raise LookupError("no such answer")

    server = UdpServer(lab.internet, reply=reply)
    with UdpSocket(lab.student) as student:
        student.send(b"x", server.address)
        with pytest.raises(HarnessFault, match="no such answer") as caught:
            server.wait_for(2, 30)
        assert isinstance(caught.value.__cause__, LookupError)
        with pytest.raises(HarnessFault, match="no such answer"):
            server.close()


def test_answer_that_cannot_be_sent_is_kept_and_the_server_lives(lab: Lab) -> None:
    with UdpServer(lab.internet, reply=b"ok") as server, UdpSocket(lab.student) as student:
        crafted = (0).to_bytes(2, "big") + server.port.to_bytes(2, "big") + bytes([0, 9, 0, 0]) + b"z"
        with lab.student.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
            raw.sendto(crafted, (lab.internet.address, 0))
        assert student.ask(b"x", server.address, 5) == Datagram(b"ok", server.address)
        assert server.unsent == [Datagram(b"z", (lab.student.address, 0))]


def test_closing_gives_the_port_back(lab: Lab) -> None:
    with UdpServer(lab.internet, port=53) as first:
        with pytest.raises(UsageError, match=r"port 53 of 10.77.0.1 on internet is taken"):
            UdpServer(lab.internet, port=53)
        first.close()
        UdpServer(lab.internet, port=53).close()


def test_nothing_is_sent_outside_the_lab(lab: Lab) -> None:
    with UdpSocket(lab.student) as student:
        for outside in ("1.1.1.1", "example.org", "10.79.0.1", "2001:db8::1", "224.0.0.1"):
            with pytest.raises(UsageError, match=r"outside the lab|neither an IP address"):
                student.send(b"x", (outside, 9))
    with pytest.raises(UsageError, match=r"student has no address 8.8.8.8"):
        UdpServer(lab.student, address="8.8.8.8")
