"""The first line of OpenSSH, in clear text before there is any key (RFC 4253 §4.2)."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from pytest_netlab import Capture, Lab, Program, TcpStream

KEXINIT = 20


def greet(connection: Any) -> None:
    """Answer like a server of SSH, hear the client out, and hang up."""
    connection.send(b"SSH-2.0-netlab\r\n")
    while len(connection.received.partition(b"\n")[2]) < 6 and connection.receive():
        pass


@pytest.fixture
def greeting(
    lab: Lab, run_program: Callable[..., Program], make_tcp_server: Callable[..., Any], wire: Capture
) -> TcpStream:
    """What ssh says to a server."""
    server = make_tcp_server(2222, greet)
    ssh = run_program("ssh", "-F", "none", "-o", "BatchMode=yes", "-p", "2222", server.address[0])
    assert ssh.wait(20)
    assert ssh.status == 255, ssh.output
    return wire.tcp_streams.to(2222).only


def test_a_line_of_version_and_software(greeting: TcpStream) -> None:
    line = greeting.client_bytes.split(b"\n")[0] + b"\n"
    assert re.fullmatch(rb"SSH-2\.0-OpenSSH_[\x21-\x7e]+( [\x20-\x7e]+)?\r\n", line)
    assert len(line) <= 255


def test_then_a_packet_that_begins_the_key_exchange(greeting: TcpStream) -> None:
    packet = greeting.client_bytes.partition(b"\n")[2]
    length, padding, message = int.from_bytes(packet[:4], "big"), packet[4], packet[5]  # RFC 4253 §6
    assert (4 + length) % 8 == 0
    assert padding >= 4
    assert message == KEXINIT  # RFC 4253 §7.1
