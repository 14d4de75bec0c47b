"""Exercise 0.1: one character out, four back.

The server binds UDP port 20000 on all addresses and answers every datagram with the four bytes ABCD. The client
sends the single byte A to localhost:20000.
"""

from __future__ import annotations

import pytest

from pytest_netlab import Datagrams, Evidence, Exercise, Packet, Stage, shows, shows_number

PORT = 20000
SERVER = ("127.0.0.1", PORT)
SILENCE_S = 6.0

exercise = Exercise("0.1", "One character out, four back")
server = exercise.program("abcd_server", ground="abcd-server-binds")
client = exercise.program("abcd_client", ground="abcd-client-sends")


@server.scenario
def three_clients(stage: Stage) -> None:
    """Two clients ask in turn, the first one again from the same port, then a third: its answer ends the others'."""
    stage.start()
    stage.await_udp_port(PORT)
    ann, bob, cleo = askers = [stage.udp_socket() for _ in range(3)]
    stage.note(clients=[asker.getsockname()[1] for asker in askers])
    stage.note(answers=[stage.ask(asker, b"A", SERVER) for asker in (ann, bob, ann, cleo)])


@server.scenario
def another_message(stage: Stage) -> None:
    """A client asks with a word of its own."""
    stage.start()
    stage.await_udp_port(PORT)
    asker = stage.udp_socket()
    stage.note(client=asker.getsockname()[1], answer=stage.ask(asker, b"Zebra-7", SERVER))
    stage.await_shown(b"Zebra-7", limit_s=1)


@server.scenario
def empty_datagram(stage: Stage) -> None:
    """A client sends a datagram without data, and asks behind it."""
    stage.start()
    stage.await_udp_port(PORT)
    asker = stage.udp_socket()
    stage.ask(asker, b"", SERVER)
    stage.note(answer=stage.ask(asker, b"A", SERVER))


@server.scenario
def not_ascii(stage: Stage) -> None:
    """A client sends bytes that are no text in ASCII or UTF-8, and asks behind them."""
    stage.start()
    stage.await_udp_port(PORT)
    asker = stage.udp_socket()
    stage.ask(asker, b"\xff\xfe\x80\xc3\x28", SERVER)
    stage.note(answer=stage.ask(asker, b"A", SERVER))


@server.scenario
def after_a_silence(stage: Stage) -> None:
    """A client asks, and again after six seconds in which nobody did."""
    stage.start()
    stage.await_udp_port(PORT)
    asker = stage.udp_socket()
    stage.ask(asker, b"A", SERVER)
    stage.program.wait(SILENCE_S)
    stage.note(answer=stage.ask(asker, b"A", SERVER))


@server.scenario(loopback=False)
def over_the_cable(stage: Stage) -> None:
    """A client on the other host asks at the server's address there."""
    stage.start()
    stage.await_udp_port(PORT)
    asker = stage.udp_socket(stage.internet.address, host=stage.internet)
    stage.note(answer=stage.ask(asker, b"A", (stage.student.address, PORT)))


@client.scenario
def one_request(stage: Stage) -> None:
    """A server of ours waits at port 20000 and answers ABCD."""
    ours = stage.udp_socket("127.0.0.1", PORT)
    stage.start()
    if request := stage.await_datagram(ours):
        ours.sendto(b"ABCD", request[1])
    stage.await_end(limit_s=10)


@pytest.fixture
def answers(three_clients: Evidence) -> Datagrams:
    """What the server sent: every datagram that none of the clients did."""
    return three_clients.udp.where(lambda packet: packet.udp.src_port not in three_clients.clients, "of the server")


@pytest.fixture
def first_answers(answers: Datagrams, three_clients: Evidence) -> Datagrams:
    """What the server sent before the second request: answers to the first."""
    return answers.before(three_clients.udp.sent_from(three_clients.clients[1]))


@pytest.fixture
def first_answer(first_answers: Datagrams) -> Packet:
    """The server's answer to the first request."""
    return first_answers[0]


@pytest.fixture
def sent(one_request: Evidence) -> Datagrams:
    """What the client sent: every datagram but the answers of our server."""
    answer = one_request.udp.sent_from(PORT).where(lambda packet: packet.payload == b"ABCD")
    return one_request.udp.where(lambda packet: packet not in answer, "of the client")


@server.must("abcd-server-binds", reference="RFC 768", hint='bind(("", 20000)) on a SOCK_DGRAM socket.')
def test_server_binds(three_clients: Evidence) -> None:
    """The server binds UDP port 20000."""
    assert PORT in three_clients.ports


@server.must("abcd-server-answers", reference="RFC 768", hint="Call sendto() for every recvfrom() that returns.")
def test_server_answers(first_answers: Datagrams, answers: Datagrams, three_clients: Evidence) -> None:
    """The server answers a request with a datagram: 41 42 43 44, the bytes ABCD."""
    refused = three_clients.packets.icmp.where(lambda packet: packet.icmp.type == 3)
    elsewhere = "; nobody holds port 20000 at 127.0.0.1: to which address is it bound?" if refused else ""
    assert answers, f"no datagram left the server{elsewhere}"
    assert first_answers, f"the first request got no answer; {len(answers)} came after later ones"


@server.must(
    "abcd-server-answers-sender",
    builds_on="abcd-server-answers",
    reference="RFC 768, Source Port",
    hint="recvfrom() returns the sender's address beside the data: answer there, whatever its port.",
)
def test_server_answers_the_sender(first_answer: Packet, three_clients: Evidence) -> None:
    """The answer goes to the port that the request came from."""
    assert first_answer.udp.dst_port == three_clients.clients[0]


@server.must(
    "abcd-server-same-socket",
    builds_on="abcd-server-answers-sender",
    reference="RFC 1122 §4.1.3.5",
    hint="Answer on the socket that received: a new socket has a source port of its own, and the client drops it.",
)
def test_server_answers_from_its_port(first_answer: Packet) -> None:
    """The answer leaves from port 20000 and from the address that was asked."""
    assert first_answer.udp.src_port == PORT
    assert first_answer.ip.source == "127.0.0.1"


@server.must(
    "abcd-server-four-bytes",
    builds_on="abcd-server-answers-sender",
    points=2,
    reference="Exercise 0.1",
    hint="Send b'ABCD': four bytes, capital letters, no line end, no terminating zero.",
)
def test_server_answers_four_bytes(first_answer: Packet) -> None:
    """The answer's payload is the four bytes 41 42 43 44."""
    assert first_answer.payload == b"ABCD"


@server.must(
    "abcd-server-one-answer",
    builds_on="abcd-server-four-bytes",
    reference="Exercise 0.1",
    hint="One sendto() for each recvfrom().",
)
def test_server_answers_once(answers: Datagrams, three_clients: Evidence) -> None:
    """Each request gets one answer, not two."""
    receivers = [int(answer.udp.dst_port) for answer in answers]
    last = three_clients.clients[-1]
    # What follows the first answer to the last client races against the end of the server.
    count = receivers.index(last) + 1 if last in receivers else len(receivers)
    assert count <= 4, f"{count} answers to 4 requests"


@server.must(
    "abcd-server-keeps-serving",
    builds_on="abcd-server-answers-sender",
    reference="Exercise 0.1",
    hint="Receive and answer in a loop that does not end.",
)
def test_server_keeps_serving(three_clients: Evidence) -> None:
    """After the first request the server serves on at port 20000."""
    assert any(answer is not None for answer in three_clients.answers[1:]), (
        f"none of the later requests got an answer; it {three_clients.ending}"
    )


@server.must(
    "abcd-server-other-clients",
    builds_on=("abcd-server-keeps-serving", "abcd-server-same-socket", "abcd-server-four-bytes"),
    reference="RFC 768",
    hint="Do not connect() the server's socket, and keep no address from an earlier request.",
)
def test_server_serves_other_clients(answers: Datagrams, three_clients: Evidence) -> None:
    """A second and a third client are answered, each at its own port (ABCD: 41 42 43 44, from port 20000)."""
    assert {int(answer.udp.dst_port) for answer in answers} == set(three_clients.clients)
    assert {int(answer.udp.src_port) for answer in answers} == {PORT}
    assert {bytes(answer.payload) for answer in answers} == {b"ABCD"}


@server.must(
    "abcd-server-repeated-client",
    builds_on=("abcd-server-keeps-serving", "abcd-server-same-socket", "abcd-server-four-bytes"),
    reference="Exercise 0.1",
    hint="A client may ask again: remember nobody.",
)
def test_server_serves_a_client_again(three_clients: Evidence) -> None:
    """A client that asks a second time is answered a second time."""
    assert three_clients.answers[2] is not None, "asked again by the first client, it did not answer 41 42 43 44"


@server.must(
    "abcd-server-any-message",
    builds_on="abcd-server-four-bytes",
    reference="Exercise 0.1",
    hint="Send ABCD whatever was asked.",
)
def test_server_answers_any_message(another_message: Evidence) -> None:
    """The answer does not depend on the message: it is 41 42 43 44 for any."""
    answer = another_message.udp.to(another_message.client).first
    assert answer.payload == b"ABCD"


@server.must(
    "abcd-server-empty",
    builds_on="abcd-server-repeated-client",
    reference="RFC 768, Length",
    hint="A datagram of zero bytes is a datagram: recvfrom() returns b'', and that is neither an end nor an error.",
)
def test_server_survives_empty_datagram(empty_datagram: Evidence) -> None:
    """A datagram without data does not stop the server: a request behind it is answered from port 20000."""
    assert empty_datagram.answer is not None, f"no answer behind an empty datagram; the server {empty_datagram.ending}"


@server.must(
    "abcd-server-non-ascii",
    builds_on="abcd-server-repeated-client",
    reference="Exercise 0.1",
    hint="A payload is bytes: decode it with errors='replace', or print its repr.",
)
def test_server_survives_non_ascii(not_ascii: Evidence) -> None:
    """Bytes that are no text do not stop the server: a request behind them is answered."""
    assert not_ascii.answer is not None, f"no answer behind the bytes ff fe 80 c3 28; the server {not_ascii.ending}"


@server.must(
    "abcd-server-waits",
    builds_on="abcd-server-repeated-client",
    reference="Exercise 0.1",
    hint="A server runs until somebody ends it: set no timeout on its socket, or go on receiving when time is up.",
)
def test_server_waits(after_a_silence: Evidence) -> None:
    """Six seconds without a request do not stop the server."""
    assert after_a_silence.answer is not None, f"no answer after six seconds of silence; it {after_a_silence.ending}"


@server.must(
    "abcd-server-all-addresses",
    builds_on="abcd-server-same-socket",
    reference="RFC 1122 §4.1.3.5",
    hint="Bind the empty address, which stands for all of them, and not 127.0.0.1.",
)
def test_server_serves_all_addresses(over_the_cable: Evidence) -> None:
    """The server answers at every address of its host, not at 127.0.0.1 alone."""
    assert over_the_cable.answer is not None, "asked at 10.77.0.2, port 20000, it did not answer"
    assert over_the_cable.udp.sent_from(PORT).first.ip.source == "10.77.0.2"


@server.should(
    "abcd-server-prints-client",
    builds_on="abcd-server-answers",
    reference="Exercise 0.1",
    hint="Print the address that recvfrom() returns.",
)
def test_server_prints_client(another_message: Evidence) -> None:
    """The server prints the client's address."""
    shown = b"127.0.0.1" in another_message.output or shows_number(another_message.output, another_message.client)
    assert shown, f"neither 127.0.0.1 nor port {another_message.client} stands in its output"


@server.should(
    "abcd-server-prints-message",
    builds_on="abcd-server-answers",
    reference="Exercise 0.1",
    hint="Print the data that recvfrom() returns.",
)
def test_server_prints_message(another_message: Evidence) -> None:
    """The server prints the message."""
    assert shows(another_message.output, b"Zebra-7"), "the message Zebra-7 does not stand in its output"


@client.must(
    "abcd-client-sends",
    reference="RFC 768",
    hint="socket(AF_INET, SOCK_DGRAM), then sendto() with bytes, not str, to localhost, port 20000.",
)
def test_client_sends(sent: Datagrams, one_request: Evidence) -> None:
    """The client sends a UDP datagram, to port 20000."""
    assert sent, f"no UDP datagram; on the wire: {one_request.packets.overview}; it {one_request.ending}"


@client.must(
    "abcd-client-destination",
    builds_on="abcd-client-sends",
    reference="RFC 768, Destination Port",
    hint="The port is 20000, which is 0x4e20 in network byte order, and the address is that of localhost.",
)
def test_client_destination(sent: Datagrams) -> None:
    """The request goes to port 20000 of 127.0.0.1."""
    assert sent.first.udp.dst_port == PORT
    assert sent.first.ip.destination == "127.0.0.1"


@client.must(
    "abcd-client-payload",
    builds_on="abcd-client-sends",
    points=2,
    reference="Exercise 0.1",
    hint="Send b'A': one byte, 0x41, and no line end.",
)
def test_client_payload(sent: Datagrams) -> None:
    """The request's payload is the single byte 41."""
    assert sent.first.payload == b"A"


@client.must(
    "abcd-client-source-port",
    builds_on="abcd-client-sends",
    reference="RFC 6335 §6",
    hint="Do not bind the client: the kernel chooses an ephemeral port when it first sends.",
)
def test_client_source_port(sent: Datagrams) -> None:
    """The request leaves from a port of the client's own, not from port 20000."""
    assert sent.first.udp.src_port != PORT


@client.must(
    "abcd-client-one-request",
    builds_on="abcd-client-sends",
    reference="Exercise 0.1",
    hint="One sendto() is enough: nothing gets lost on this wire.",
)
def test_client_sends_once(sent: Datagrams) -> None:
    """The client sends one datagram and no second one."""
    assert sent.only


@client.must(
    "abcd-client-ends",
    builds_on="abcd-client-sends",
    reference="Exercise 0.1",
    hint="Receive at most one answer, with a timeout, and end.",
)
def test_client_ends(one_request: Evidence) -> None:
    """The client ends by itself within 10 s."""
    assert one_request.ending.by_itself, f"it {one_request.ending}"
