"""dnsmasq answers with what it was told, and says where there is nothing."""

import socket
from collections.abc import Callable

import pytest

from pytest_netlab import Capture, Lab, Program

PORT = 5300
ONE_A_RECORD = bytes.fromhex("c00c 0001 0001 0000003c 0004")  # the name at octet 12, A, IN, 60 s, 4 octets of data


def question(name: str, number: int) -> bytes:
    """A query for an IPv4 address (RFC 1035 §4.1)."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return (
        number.to_bytes(2, "big") + bytes.fromhex("0100 0001 0000 0000 0000") + labels + bytes.fromhex("00 0001 0001")
    )


@pytest.fixture
def client(lab: Lab, run_program: Callable[..., Program]) -> socket.socket:
    """Who asks dnsmasq, which knows one name, and no other server."""
    options = ("--no-resolv", "--no-hosts", "--local=/lab/", "--host-record=printer.lab,10.77.0.9", "--local-ttl=60")
    run_program("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", f"--port={PORT}", *options)
    lab.student.await_port("udp", PORT)
    client = lab.internet.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(10)
    client.connect((lab.student.address, PORT))
    return client


def test_a_name_that_it_knows(client: socket.socket, wire: Capture) -> None:
    client.send(question("printer.lab", 0x1234))
    client.recv(512)
    asked, answer = wire.udp.to(PORT).only.payload, wire.udp.sent_from(PORT).only.payload
    assert answer[:2] == asked[:2]
    assert answer[2] & 0x84 == 0x84  # QR and AA: an answer, of who has the say
    assert answer[3] & 0x0F == 0  # RCODE: no error
    assert answer[4:12] == bytes.fromhex("0001 0001 0000 0000")  # one question, one answer
    assert answer[12:] == asked[12:] + ONE_A_RECORD + socket.inet_aton("10.77.0.9")


def test_a_name_that_is_not_there(client: socket.socket, wire: Capture) -> None:
    client.send(question("scanner.lab", 7))
    client.recv(512)
    answer = wire.udp.sent_from(PORT).only.payload
    assert answer[:2] == bytes([0, 7])
    assert answer[3] & 0x0F == 3  # RCODE: name error
    assert answer[6:8] == bytes([0, 0])  # no answers
