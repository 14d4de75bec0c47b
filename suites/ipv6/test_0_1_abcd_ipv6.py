"""Exercise 0.1 over IPv6: one character out, four back.

The server binds UDP port 20000 on all IPv6 addresses and answers every datagram with the four bytes ABCD. The client
sends the single byte A to port 20000 of ::1. A server whose socket takes IPv4 as well (IPV6_V6ONLY is 0) is as good.
"""

from __future__ import annotations

import pytest

from pytest_netlab import Checksum, Datagrams, Evidence, Exercise, Packet, Stage

PORT = 20000
LOOPBACK = "::1"
SERVER = (LOOPBACK, PORT)
CABLE = "fd00:77::2"

exercise = Exercise("0.1-ipv6", "One character out, four back, over IPv6")
server = exercise.program("abcd_server6", ground="abcd6-server-binds")
client = exercise.program("abcd_client6", ground="abcd6-client-sends")


@server.scenario(loopback=False)
def two_clients(stage: Stage) -> None:
    """Two clients ask in turn, then the first one again from the same port."""
    stage.start()
    stage.await_udp_port(PORT)
    ann, bob = askers = [stage.udp_socket(LOOPBACK) for _ in range(2)]
    stage.note(clients=[asker.getsockname()[1] for asker in askers])
    stage.note(answered=[stage.ask(asker, b"A", SERVER) is not None for asker in (ann, bob, ann)])


@server.scenario(loopback=False)
def empty_datagram(stage: Stage) -> None:
    """A client sends a datagram without data, and asks behind it."""
    stage.start()
    stage.await_udp_port(PORT)
    asker = stage.udp_socket(LOOPBACK)
    stage.ask(asker, b"", SERVER)
    stage.note(answer=stage.ask(asker, b"A", SERVER))


@server.scenario(loopback=False)
def over_the_cable(stage: Stage) -> None:
    """A client on the other host asks at the server's address there."""
    stage.start()
    stage.await_udp_port(PORT)
    asker = stage.udp_socket(stage.internet.address6, host=stage.internet)
    stage.ask(asker, b"A", (stage.student.address6, PORT))


@client.scenario(loopback=False)
def one_request(stage: Stage) -> None:
    """A server of ours waits at port 20000 of ::1 and answers ABCD."""
    ours = stage.udp_socket(*SERVER)
    stage.start()
    if request := stage.await_datagram(ours):
        ours.sendto(b"ABCD", request[1])
    stage.await_end(limit_s=10)


@pytest.fixture
def answers(two_clients: Evidence) -> Datagrams:
    """What the server sent: every datagram that none of the clients did."""
    return two_clients.udp.where(lambda packet: packet.udp.src_port not in two_clients.clients, "of the server")


@pytest.fixture
def first_answers(answers: Datagrams, two_clients: Evidence) -> Datagrams:
    """What the server sent before the second request: answers to the first."""
    return answers.before(two_clients.udp.sent_from(two_clients.clients[1]))


@pytest.fixture
def first_answer(first_answers: Datagrams) -> Packet:
    """The server's answer to the first request."""
    return first_answers[0]


@pytest.fixture
def cable_answers(over_the_cable: Evidence) -> Datagrams:
    """What the server sent over the cable."""
    return over_the_cable.outbound.udp


@pytest.fixture
def sent(one_request: Evidence) -> Datagrams:
    """What the client sent: every datagram but the answers of our server."""
    answer = one_request.udp.sent_from(PORT).where(lambda packet: packet.payload == b"ABCD")
    return one_request.udp.where(lambda packet: packet not in answer, "of the client")


@server.must("abcd6-server-binds", reference="RFC 768", hint='bind(("::", 20000)) on a SOCK_DGRAM socket.')
def test_server_binds(two_clients: Evidence) -> None:
    """The server binds UDP port 20000."""
    assert PORT in two_clients.ports


@server.must(
    "abcd6-server-answers",
    reference="RFC 3493 §3.2",
    hint="An AF_INET socket hears IPv4 alone: socket(AF_INET6, SOCK_DGRAM), and a sendto() for every recvfrom().",
)
def test_server_answers(first_answers: Datagrams, answers: Datagrams, two_clients: Evidence) -> None:
    """The server answers a request to port 20000 of ::1 with a datagram over IPv6: 41 42 43 44, the bytes ABCD."""
    assert answers, f"no datagram left the server; on the wire: {two_clients.packets.overview}"
    assert first_answers, f"the first request got no answer; {len(answers)} came after later ones"


@server.must(
    "abcd6-server-answers-sender",
    builds_on="abcd6-server-answers",
    reference="RFC 768, Source Port",
    hint="recvfrom() returns the sender's address beside the data, in four parts: answer there.",
)
def test_server_answers_the_sender(first_answer: Packet, two_clients: Evidence) -> None:
    """The answer goes to the port that the request came from."""
    assert first_answer.udp.dst_port == two_clients.clients[0]


@server.must(
    "abcd6-server-same-socket",
    builds_on="abcd6-server-answers-sender",
    reference="RFC 768, Source Port",
    hint="Answer on the socket that received: a new socket has a source port of its own, and the client drops it.",
)
def test_server_answers_from_its_port(first_answer: Packet) -> None:
    """The answer leaves from port 20000 of ::1, the address that was asked."""
    assert first_answer.udp.src_port == PORT
    assert first_answer.ip.source == LOOPBACK


@server.must(
    "abcd6-server-four-bytes",
    builds_on="abcd6-server-answers-sender",
    points=2,
    reference="Exercise 0.1",
    hint="Send b'ABCD': four bytes, capital letters, no line end, no terminating zero.",
)
def test_server_answers_four_bytes(first_answer: Packet, answers: Datagrams) -> None:
    """The payload of every answer is the four bytes 41 42 43 44, so IPv6 carries 12 octets."""
    assert first_answer.payload == b"ABCD"
    assert first_answer.ipv6.payload_length == 12
    assert {bytes(answer.payload) for answer in answers} == {b"ABCD"}


@server.must(
    "abcd6-server-keeps-serving",
    builds_on="abcd6-server-answers-sender",
    reference="Exercise 0.1",
    hint="Receive and answer in a loop that does not end; do not connect() the socket, and remember nobody.",
)
def test_server_keeps_serving(two_clients: Evidence) -> None:
    """A second client, and then the first one again, are answered from port 20000."""
    assert all(two_clients.answered[1:]), f"answered, in this order: {two_clients.answered}; it {two_clients.ending}"


@server.must(
    "abcd6-server-empty",
    builds_on="abcd6-server-keeps-serving",
    reference="RFC 768, Length",
    hint="A datagram of zero bytes is a datagram: recvfrom() returns b'', and that is neither an end nor an error.",
)
def test_server_survives_empty_datagram(empty_datagram: Evidence) -> None:
    """A datagram without data does not stop the server: a request behind it is answered from port 20000."""
    assert empty_datagram.answer is not None, f"no answer behind an empty datagram; the server {empty_datagram.ending}"


@server.must(
    "abcd6-server-all-addresses",
    builds_on="abcd6-server-same-socket",
    reference="RFC 3493 §3.8",
    hint="Bind the unspecified address ::, which stands for all of them, and not ::1.",
)
def test_server_serves_all_addresses(cable_answers: Datagrams) -> None:
    """The server answers at every IPv6 address of its host, from the one that was asked, not at ::1 alone."""
    assert cable_answers, f"asked at {CABLE}, port {PORT}, it did not answer"
    assert cable_answers.first.ip.source == CABLE


@server.must(
    "abcd6-server-checksum",
    builds_on="abcd6-server-all-addresses",
    reference="RFC 8200 §8.1",
    hint="The kernel computes it, unless it is told not to. Over IPv6 nobody may leave it out: 0 is no sum there.",
)
def test_server_sends_a_checksum(cable_answers: Datagrams) -> None:
    """The answer over the cable has a good UDP checksum: IPv6 has no sum of its own, so this one is mandatory."""
    assert cable_answers.first.udp.checksum != 0
    assert cable_answers.first.udp.checksum_state is Checksum.GOOD


@server.should(
    "abcd6-server-prints-client",
    builds_on="abcd6-server-answers",
    reference="RFC 5952 §6",
    hint="Print the first part of the address that recvfrom() returns, in brackets where a port follows.",
)
def test_server_prints_client(two_clients: Evidence) -> None:
    """The server prints the client's address, ::1."""
    assert b"::1" in two_clients.output, "::1 does not stand in its output"


@client.must(
    "abcd6-client-sends",
    reference="RFC 768",
    hint="socket(AF_INET6, SOCK_DGRAM), then sendto() with bytes, not str, to ::1, port 20000.",
)
def test_client_sends(sent: Datagrams, one_request: Evidence) -> None:
    """The client sends a UDP datagram, to port 20000."""
    assert sent, f"no UDP datagram; on the wire: {one_request.packets.overview}; it {one_request.ending}"


@client.must(
    "abcd6-client-ipv6",
    builds_on="abcd6-client-sends",
    reference="RFC 8200 §3; RFC 4291 §2.5.3",
    hint="localhost may be 127.0.0.1, and ::ffff:127.0.0.1 is IPv4 in other clothes: send to ::1.",
)
def test_client_uses_ipv6(sent: Datagrams) -> None:
    """The request travels over IPv6, to ::1."""
    assert sent.first.ip.version == 6
    assert sent.first.ip.destination == LOOPBACK


@client.must(
    "abcd6-client-port",
    builds_on="abcd6-client-sends",
    reference="RFC 768, Destination Port",
    hint="The port is 20000, which is 0x4e20 in network byte order.",
)
def test_client_port(sent: Datagrams) -> None:
    """The request goes to port 20000."""
    assert sent.first.udp.dst_port == PORT


@client.must(
    "abcd6-client-payload",
    builds_on="abcd6-client-sends",
    points=2,
    reference="Exercise 0.1",
    hint="Send b'A': one byte, 0x41, and no line end.",
)
def test_client_payload(sent: Datagrams) -> None:
    """The request's payload is the single byte 41."""
    assert sent.first.payload == b"A"


@client.must(
    "abcd6-client-source-port",
    builds_on="abcd6-client-sends",
    reference="RFC 6335 §6",
    hint="Do not bind the client: the kernel chooses an ephemeral port when it first sends.",
)
def test_client_source_port(sent: Datagrams) -> None:
    """The request leaves from a port of the client's own, not from port 20000."""
    assert sent.first.udp.src_port != PORT


@client.must(
    "abcd6-client-one-request",
    builds_on="abcd6-client-sends",
    reference="Exercise 0.1",
    hint="One sendto() is enough: nothing gets lost on this wire.",
)
def test_client_sends_once(sent: Datagrams) -> None:
    """The client sends one datagram and no second one."""
    assert sent.only


@client.must(
    "abcd6-client-ends",
    builds_on="abcd6-client-sends",
    reference="Exercise 0.1",
    hint="Receive at most one answer, with a timeout, and end.",
)
def test_client_ends(one_request: Evidence) -> None:
    """The client ends by itself within 10 s."""
    assert one_request.ending.by_itself, f"it {one_request.ending}"
