"""Exercise 1.1 over IPv6: UDP server and client.

The server binds port 8000 of ::1, prints each message and its sender's address, and sends nothing back. The client
sends the 13 bytes `Hello, World!` once, and ends.
"""

from __future__ import annotations

import pytest

from pytest_netlab import Datagrams, Evidence, Exercise, Packets, Stage, shows, shows_number

PORT = 8000
LOOPBACK = "::1"
SERVER = (LOOPBACK, PORT)
MESSAGES = (b"Hello, World!", b"pat-one", b"quinn-one", b"pat-two")

exercise = Exercise("1.1-ipv6", "UDP server and client, over IPv6")
server = exercise.program("udp_server6", ground="udp6-server-binds")
client = exercise.program("udp_client6", ground="udp6-client-sends")


@server.scenario(loopback=False)
def two_senders(stage: Stage) -> None:
    """Two senders take turns at ::1."""
    stage.start()
    stage.await_udp_port(PORT)
    pat, quinn = senders = [stage.udp_socket(LOOPBACK) for _ in range(2)]
    stage.note(senders=[sender.getsockname()[1] for sender in senders])
    for sender, message in zip((pat, pat, quinn, pat), MESSAGES, strict=True):
        stage.try_send(sender, message, SERVER)
        stage.await_shown(message)


@server.scenario(loopback=False)
def empty_datagram(stage: Stage) -> None:
    """A datagram without data, then one with."""
    stage.send_and_see_afterwards(b"", SERVER)


@server.scenario(loopback=False)
def from_the_cable(stage: Stage) -> None:
    """The other host sends to the server's port; the kernel refuses where nobody listens at that address."""
    stage.start()
    stage.await_udp_port(PORT)
    outside = stage.udp_socket(stage.internet.address6, host=stage.internet)
    stage.note(refused=stage.is_refused(outside, b"from outside", (stage.student.address6, PORT)))


@client.scenario(loopback=False)
def one_message(stage: Stage) -> None:
    """A server of ours waits at port 8000 of ::1 and says nothing."""
    stage.udp_socket(*SERVER)
    stage.start()
    stage.await_end(limit_s=10)


@pytest.fixture
def answers(two_senders: Evidence) -> Datagrams:
    """What the server sent: every datagram that the senders did not."""
    return two_senders.udp.where(lambda packet: packet.udp.src_port not in two_senders.senders, "of the server")


@pytest.fixture
def refusals(two_senders: Evidence) -> Packets:
    """What the kernel said of datagrams that nobody was there to receive."""
    return two_senders.packets.icmpv6.where(lambda packet: packet.icmpv6.type == 1, "destination unreachable")


@pytest.fixture
def sent(one_message: Evidence) -> Datagrams:
    """What the client sent: our server says nothing."""
    return one_message.udp


@server.must("udp6-server-binds", reference="RFC 768", hint='bind(("::1", 8000)) on a SOCK_DGRAM socket.')
def test_server_binds(two_senders: Evidence) -> None:
    """The server binds UDP port 8000."""
    assert PORT in two_senders.ports


@server.must(
    "udp6-server-receives",
    reference="RFC 3493 §3.2; RFC 4443 §3.1",
    hint="An AF_INET socket hears IPv4 alone. And receive in a loop: the kernel answers for a port that nobody holds.",
)
def test_server_receives(refusals: Packets, two_senders: Evidence) -> None:
    """The server receives at port 8000 of ::1, and goes on: no message meets ICMPv6 port unreachable."""
    assert len(refusals) == 0, f"port 8000 of ::1 was unreachable for {len(refusals)} of 4; it {two_senders.ending}"
    assert not two_senders.ending.by_itself, f"the server {two_senders.ending}"


@server.must("udp6-server-silent", reference="Exercise 1.1", hint="This server only listens: it calls no sendto().")
def test_server_is_silent(answers: Datagrams, empty_datagram: Evidence) -> None:
    """The server sends nothing back."""
    assert answers.payloads == []
    assert empty_datagram.udp.sent_from(PORT) == [], "it answers a datagram without data"


@server.must(
    "udp6-server-shows-messages",
    builds_on="udp6-server-receives",
    points=2,
    reference="Exercise 1.1",
    hint="Print what recvfrom() returns, byte for byte, whoever sent it, decoded or as a repr.",
)
def test_server_shows_messages(two_senders: Evidence) -> None:
    """The output shows every message (Hello, World! and three others) of both senders, byte for byte."""
    missing = [message for message in MESSAGES if not shows(two_senders.output, message)]
    assert not missing, f"the output does not show {missing[0].decode()!r}"


@server.must(
    "udp6-server-shows-sender",
    builds_on="udp6-server-shows-messages",
    reference="RFC 3493 §3.3",
    hint="recvfrom() returns the sender's address beside the data, in four parts: host, port, flow label, scope.",
)
def test_server_shows_sender(two_senders: Evidence) -> None:
    """The output shows where the messages came from: ::1 and the port of each sender."""
    assert b"::1" in two_senders.output, "::1 does not stand in its output"
    for port in two_senders.senders:
        assert shows_number(two_senders.output, port), f"port {port} is not in the output"


@server.must(
    "udp6-server-empty",
    builds_on="udp6-server-shows-messages",
    reference="RFC 768, Length",
    hint="A datagram of zero bytes is a datagram: recvfrom() returns b'', and that is neither an end nor an error.",
)
def test_server_survives_empty_datagram(empty_datagram: Evidence) -> None:
    """A datagram without data does not stop the server at port 8000."""
    assert shows(empty_datagram.output, b"afterwards"), (
        f"nothing shown of the message behind it; it {empty_datagram.ending}"
    )


@server.should(
    "udp6-server-loopback-only",
    builds_on="udp6-server-receives",
    reference="RFC 4291 §2.5.3",
    hint="Bind ::1: the unspecified address :: stands for all of them.",
)
def test_server_keeps_to_loopback(from_the_cable: Evidence) -> None:
    """The server listens at ::1 alone: other hosts are refused."""
    assert from_the_cable.refused, "a datagram to fd00:77::2, port 8000, was received, not refused"


@client.must(
    "udp6-client-sends",
    reference="RFC 768",
    hint="socket(AF_INET6, SOCK_DGRAM), then sendto() with bytes, not str, to ::1, port 8000.",
)
def test_client_sends(sent: Datagrams, one_message: Evidence) -> None:
    """The client sends a UDP datagram, to port 8000."""
    assert sent, f"no UDP datagram; on the wire: {one_message.packets.overview}; it {one_message.ending}"


@client.must(
    "udp6-client-ipv6",
    reference="RFC 8200 §3; RFC 4291 §2.5.3",
    hint="localhost may be 127.0.0.1, and ::ffff:127.0.0.1 is IPv4 in other clothes: send to ::1.",
)
def test_client_uses_ipv6(sent: Datagrams) -> None:
    """The datagram travels over IPv6, to ::1."""
    assert sent.first.ip.version == 6
    assert sent.first.ip.destination == LOOPBACK


@client.must(
    "udp6-client-port",
    reference="RFC 768, Destination Port",
    hint="Port 8000 is 0x1f40 in network byte order.",
)
def test_client_port(sent: Datagrams) -> None:
    """The datagram goes to port 8000."""
    assert sent.first.udp.dst_port == PORT


@client.must(
    "udp6-client-source-port",
    reference="RFC 6335 §6",
    hint="Do not bind the client: the kernel chooses an ephemeral port when it first sends.",
)
def test_client_source_port(sent: Datagrams) -> None:
    """The datagram leaves from a port of the client's own, not from port 8000."""
    assert sent.first.udp.src_port != PORT


@client.must(
    "udp6-client-payload",
    points=2,
    reference="Exercise 1.1; RFC 768, Length; RFC 8200 §3, Payload Length",
    hint="Compare the marked bytes: comma, blank, capitals, and nothing behind the exclamation mark.",
)
def test_client_payload(sent: Datagrams) -> None:
    """The datagram carries the 13 bytes of `Hello, World!`, so its UDP length is 21."""
    assert sent.first.payload == b"Hello, World!"
    assert sent.first.udp.length == 21


@client.must("udp6-client-once", reference="Exercise 1.1", hint="One sendto(): an empty datagram is one too.")
def test_client_sends_once(sent: Datagrams) -> None:
    """The client sends exactly one datagram."""
    assert sent.only


@client.must(
    "udp6-client-ends",
    reference="Exercise 1.1",
    hint="The server never answers: what does the client wait for?",
)
def test_client_ends(one_message: Evidence) -> None:
    """The client ends by itself within 10 s."""
    assert one_message.ending.by_itself, f"it {one_message.ending}"


@client.must(
    "udp6-client-exit-status",
    builds_on="udp6-client-ends",
    reference="Exercise 1.1",
    hint="0 says that all went well; an exception that nobody catches gives 1.",
)
def test_client_exit_status(one_message: Evidence) -> None:
    """The client ends with exit status 0."""
    assert one_message.ending.status == 0, f"it {one_message.ending}"
