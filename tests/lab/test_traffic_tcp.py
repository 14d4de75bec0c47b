"""TCP over real sockets in a real lab: behaviours, evidence, and clients that would wedge a server."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.client import Agent, Lab
from pytest_netlab.traffic.tcp import (
    MOST_CONNECTIONS,
    Connection,
    TcpServer,
    close_at_once,
    reply,
    reset_at_once,
    silent,
)
from pytest_netlab.traffic.tcp_client import TcpClient


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
def test_echo_and_who_was_accepted(lab: Lab, version: str) -> None:
    with TcpServer(lab.internet, address=getattr(lab.internet, version)) as server:
        with TcpClient(lab.student, server.address) as client:
            client.send(b"hello")
            assert client.receive(5) == b"hello"
            client.finish()
            assert client.receive_all(5) == b""
            assert server.accepted == [(getattr(lab.student, version), client.port)]
        assert server.wait_finished(5)
        assert server.connections[0].received == b"hello"
        assert server.connections[0].closed_by_client


def test_a_megabyte_comes_back_whole(lab: Lab) -> None:
    data = bytes(range(256)) * 4096
    with TcpServer(lab.internet) as server, TcpClient(lab.student, server.address) as client:
        sending = threading.Thread(target=client.send, args=[data])
        sending.start()
        got = b""
        while len(got) < len(data):
            got += client.receive(20) or b""
        assert got == data
        sending.join()
        assert server.connections[0].received == data


def test_ready_made_behaviours(lab: Lab) -> None:
    with TcpServer(lab.internet, behaviour=close_at_once) as server:
        assert TcpClient(lab.student, server.address).receive_all(5) == b""
    with (
        TcpServer(lab.internet, behaviour=reply(b"bye")) as server,
        TcpClient(lab.student, server.address) as client,
    ):
        assert client.receive(0.02) is None
        client.send(b"x")
        assert client.receive_all(5) == b"bye"
    with TcpServer(lab.internet, behaviour=reset_at_once) as server:
        with pytest.raises(ConnectionResetError):  # while it connects, or when it reads
            TcpClient(lab.student, server.address).receive(5)
        assert len(server.accepted) == 1


def test_stuck_clients_hold_up_nobody(lab: Lab) -> None:
    flood = b"x" * (8 << 20)
    with TcpServer(lab.internet, behaviour=lambda connection: connection.send(flood)) as server:
        unread = [TcpClient(lab.student, server.address) for _ in range(3)]
        with TcpClient(lab.student, server.address) as client:
            assert client.receive_all(20) == flood
        before = time.monotonic()
        server.close()
        assert time.monotonic() - before < 2
        for stuck in unread:
            stuck.close()


def test_too_many_connections_are_turned_away(lab: Lab) -> None:
    with TcpServer(lab.internet, behaviour=silent) as server:
        clients = [TcpClient(lab.student, server.address) for _ in range(MOST_CONNECTIONS)]
        server.settle()
        with pytest.raises(ConnectionResetError):  # while it connects, or when it reads
            TcpClient(lab.student, server.address).receive(5)
        assert (len(server.accepted), server.turned_away) == (MOST_CONNECTIONS, 1)
        for client in clients:
            client.close()


def test_reset_by_the_client_is_recorded_and_no_fault(lab: Lab) -> None:
    with TcpServer(lab.internet, behaviour=silent) as server:
        client = TcpClient(lab.student, server.address)
        client._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        assert server.wait_finished(5)
        assert server.connections[0].reset_by_client


def test_exception_in_a_behaviour_is_the_harness_fault_of_the_next_look(lab: Lab) -> None:
    def wrong(connection: Connection) -> None:
        raise FileNotFoundError("no such page")

    server = TcpServer(lab.internet, behaviour=wrong)
    with TcpClient(lab.student, server.address) as client:
        assert client.receive_all(5) == b""
    with pytest.raises(HarnessFault, match="no such page"):
        server.wait_finished(5)
    with pytest.raises(HarnessFault, match="no such page"):
        server.close()


def test_a_program_that_connects_and_ends_is_not_missed(lab: Lab) -> None:
    code = "import socket,sys; socket.create_connection(('10.77.0.1', int(sys.argv[1]))).send(b'last words')"
    for _ in range(10):
        with TcpServer(lab.internet, behaviour=silent) as server:
            argv = [sys.executable, "-S", "-c", code, str(server.port)]
            with lab.launch(argv, snapshot.Snapshot()) as program:
                connection = server.wait_for_connection(30, until_ended=program)
                assert connection, program.output
                assert server.wait_finished(10)
                assert connection.received == b"last words"


def test_a_program_that_never_connects_ends_the_wait(lab: Lab) -> None:
    with TcpServer(lab.internet) as server, lab.launch(["true"], snapshot.Snapshot()) as program:
        before = time.monotonic()
        assert server.wait_for_connection(30, until_ended=program) is None
        assert time.monotonic() - before < 10


def test_clients_errors_are_the_kernels(lab: Lab) -> None:
    with pytest.raises(ConnectionRefusedError):
        TcpClient(lab.student, ("scanme.nmap.org", 80))
    with pytest.raises(UsageError, match="outside the lab"):
        TcpClient(lab.student, ("93.184.216.34", 80))
    with (
        TcpServer(lab.internet, behaviour=silent) as server,
        TcpClient(lab.student, server.address) as client,
        pytest.raises(TimeoutError, match="has not closed within"),
    ):
        client.receive_all(0.02)
