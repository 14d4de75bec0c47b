"""Exercise 1.1: UDP server and client.

The server binds 127.0.0.1:8000, prints each message and its sender's address, and sends nothing back. The client
sends the 13 bytes `Hello, World!` once, and ends.
"""

from __future__ import annotations

import pytest

from pytest_netlab import (
    Datagrams,
    Evidence,
    Exercise,
    Packets,
    Stage,
    first_not_in_order,
    shows,
    shows_number,
)

PORT = 8000
SERVER = ("127.0.0.1", PORT)
SILENCE_S = 6.0
MESSAGES = (b"Hello, World!", b"a second, longer message ending in tail-one", b"middle", b"third")
LONG = b"y" * 1021 + b"END"

exercise = Exercise("1.1", "UDP server and client")
server = exercise.program("udp_server", ground="udp-server-binds")
client = exercise.program("udp_client", ground="udp-client-sends")


@server.scenario
def one_sender(stage: Stage) -> None:
    """One sender sends four messages; before the last one, all others have been shown."""
    stage.start()
    stage.await_udp_port(PORT)
    sender = stage.udp_socket()
    for message in MESSAGES[:-1]:
        sender.sendto(message, SERVER)
    shown = all(stage.await_shown(message) for message in MESSAGES[:-1])
    stage.note(senders=[sender.getsockname()[1]], before_last=len(stage.output) if shown else None)
    stage.try_send(sender, MESSAGES[-1], SERVER)
    stage.await_shown(MESSAGES[-1])


@server.scenario
def two_senders(stage: Stage) -> None:
    """Two senders take turns."""
    stage.start()
    stage.await_udp_port(PORT)
    pat, quinn = stage.udp_socket(), stage.udp_socket()
    turns = [(pat, b"pat-one"), (quinn, b"quinn-one"), (pat, b"pat-two"), (quinn, b"quinn-two")]
    stage.note(messages=[message for _, message in turns], senders=[each.getsockname()[1] for each in (pat, quinn)])
    for sender, message in turns:
        stage.try_send(sender, message, SERVER)
        stage.await_shown(message)


@server.scenario
def empty_datagram(stage: Stage) -> None:
    """A datagram without data, then one with."""
    stage.send_and_see_afterwards(b"", SERVER)


@server.scenario
def full_buffer(stage: Stage) -> None:
    """A datagram of exactly 1024 bytes, then another one."""
    stage.send_and_see_afterwards(LONG, SERVER)
    stage.await_shown(LONG, limit_s=1)


@server.scenario
def too_long(stage: Stage) -> None:
    """A datagram of 2000 bytes, then another one."""
    stage.send_and_see_afterwards(b"z" * 2000, SERVER)


@server.scenario
def not_utf8(stage: Stage) -> None:
    """Bytes that are no UTF-8, then another datagram."""
    stage.send_and_see_afterwards(b"\xff\xfe\x80\xc3\x28", SERVER)


@server.scenario
def after_a_silence(stage: Stage) -> None:
    """A message, nothing for six seconds, and another message."""
    stage.start()
    stage.await_udp_port(PORT)
    sender = stage.udp_socket()
    stage.try_send(sender, b"before", SERVER)
    stage.program.wait(SILENCE_S)
    stage.try_send(sender, b"afterwards", SERVER)
    stage.await_shown(b"afterwards", limit_s=5)


@server.scenario(loopback=False)
def from_the_cable(stage: Stage) -> None:
    """The other host sends to the server's port; the kernel refuses where nobody listens at that address."""
    stage.start()
    stage.await_udp_port(PORT)
    outside = stage.udp_socket(stage.internet.address, host=stage.internet)
    stage.note(refused=stage.is_refused(outside, b"from outside", (stage.student.address, PORT)))


@client.scenario
def one_message(stage: Stage) -> None:
    """A server of ours waits at port 8000 and says nothing."""
    stage.udp_socket("127.0.0.1", PORT)
    stage.start()
    stage.await_end(limit_s=10)


@pytest.fixture
def answers(one_sender: Evidence) -> Datagrams:
    """What the server sent: every datagram that the sender did not."""
    return one_sender.udp.where(lambda packet: packet.udp.src_port not in one_sender.senders, "of the server")


@pytest.fixture
def unreachable(one_sender: Evidence) -> Packets:
    """What the kernel said of datagrams that nobody was there to receive."""
    return one_sender.packets.icmp.where(lambda packet: packet.icmp.type == 3, "destination unreachable")


@pytest.fixture
def sent(one_message: Evidence) -> Datagrams:
    """What the client sent: our server says nothing."""
    return one_message.udp


@server.must("udp-server-binds", reference="RFC 768", hint='bind(("127.0.0.1", 8000)) on a SOCK_DGRAM socket.')
def test_server_binds(one_sender: Evidence) -> None:
    """The server binds UDP port 8000."""
    assert PORT in one_sender.ports


@server.must(
    "udp-server-keeps-receiving",
    reference="RFC 1122 §4.1.3.1",
    hint="Receive in a loop that does not end: the kernel answers for a port that nobody holds.",
)
def test_server_keeps_receiving(unreachable: Packets, one_sender: Evidence) -> None:
    """The server goes on receiving at port 8000: no message meets ICMP port unreachable."""
    assert len(unreachable) == 0, f"port 8000 was unreachable for {len(unreachable)} of 4; it {one_sender.ending}"
    assert not one_sender.ending.by_itself, f"the server {one_sender.ending}"


@server.must("udp-server-silent", reference="Exercise 1.1", hint="This server only listens: it calls no sendto().")
def test_server_is_silent(
    answers: Datagrams, two_senders: Evidence, empty_datagram: Evidence, full_buffer: Evidence
) -> None:
    """The server sends nothing back."""
    assert answers.payloads == []
    for run in (two_senders, empty_datagram, full_buffer):
        assert run.udp.sent_from(PORT) == [], "it answers another message"


@server.must(
    "udp-server-shows-messages",
    builds_on="udp-server-keeps-receiving",
    points=2,
    reference="Exercise 1.1",
    hint="Print what recvfrom() returns, byte for byte, decoded or as a repr.",
)
def test_server_shows_messages(one_sender: Evidence) -> None:
    """The output shows every message (Hello, World! and three others), byte for byte."""
    missing = [message for message in MESSAGES if not shows(one_sender.output, message)]
    assert not missing, f"the output does not show {missing[0].decode()!r}"


@server.must(
    "udp-server-shows-port",
    builds_on="udp-server-shows-messages",
    reference="RFC 768, Source Port",
    hint="recvfrom() returns the sender's address beside the data: host and port.",
)
def test_server_shows_port(one_sender: Evidence) -> None:
    """The output shows the port that the messages came from."""
    assert shows_number(one_sender.output, one_sender.senders[0]), f"port {one_sender.senders[0]} is not in the output"


@server.must(
    "udp-server-no-old-bytes",
    builds_on="udp-server-shows-messages",
    reference="Exercise 1.1",
    hint="Print only what this datagram brought: as many bytes as the call returned.",
)
def test_server_shows_no_old_bytes(one_sender: Evidence) -> None:
    """A message is shown without bytes of an older one."""
    once = one_sender.before_last or one_sender.output.find(b"tail-one") + 1
    assert not shows(one_sender.output[once:], b"tail-one"), "behind a later message the output shows 'tail-one' again"


@server.must(
    "udp-server-two-senders",
    builds_on="udp-server-shows-port",
    reference="RFC 768",
    hint="Do not connect() the server's socket, and drop nobody's messages.",
)
def test_server_hears_two_senders(two_senders: Evidence) -> None:
    """Two senders that take turns at port 8000 are both heard, and each one's port is shown."""
    missing = [message for message in two_senders.messages if not shows(two_senders.output, message)]
    assert not missing, f"the output does not show {missing[0].decode()!r}"
    unseen = [port for port in two_senders.senders if not shows_number(two_senders.output, port)]
    assert not unseen, f"the output shows what port {unseen[0]} sent, and not that port"


@server.must(
    "udp-server-order",
    builds_on="udp-server-two-senders",
    reference="Exercise 1.1",
    hint="Print each message when it comes.",
)
def test_server_shows_in_order(two_senders: Evidence, one_sender: Evidence) -> None:
    """Messages are shown in the order in which they came, from one sender and from two."""
    late = first_not_in_order(two_senders.output, two_senders.messages)
    late = late or first_not_in_order(one_sender.output, MESSAGES)
    assert late is None, f"{(late or b'').decode()!r} is not shown behind the message before it"


@server.must(
    "udp-server-empty",
    builds_on="udp-server-shows-messages",
    reference="RFC 768, Length",
    hint="A datagram of zero bytes is a datagram: recvfrom() returns b'', and that is neither an end nor an error.",
)
def test_server_survives_empty_datagram(empty_datagram: Evidence) -> None:
    """A datagram without data does not stop the server at port 8000."""
    assert shows(empty_datagram.output, b"afterwards"), (
        f"nothing shown of the message behind it; it {empty_datagram.ending}"
    )


@server.must(
    "udp-server-waits",
    builds_on="udp-server-shows-messages",
    reference="Exercise 1.1",
    hint="A server runs until somebody ends it: set no timeout on its socket, or go on receiving when time is up.",
)
def test_server_waits(after_a_silence: Evidence) -> None:
    """Six seconds without a message do not stop the server."""
    assert shows(after_a_silence.output, b"afterwards"), (
        f"nothing shown of a message after six seconds of silence; it {after_a_silence.ending}"
    )


@server.must(
    "udp-server-1024",
    builds_on="udp-server-shows-messages",
    reference="Exercise 1.1",
    hint="recvfrom(1024): a smaller buffer loses the rest of a datagram for good.",
)
def test_server_receives_1024_bytes(full_buffer: Evidence) -> None:
    """A message of exactly 1024 bytes is shown whole."""
    assert shows(full_buffer.output, LONG), "of 1024 bytes that end in END, the output does not show all"


@server.should(
    "udp-server-long",
    builds_on="udp-server-shows-messages",
    reference="RFC 1122 §4.1.4",
    hint="A datagram that is too long for the buffer may be cut; it must not end the server.",
)
def test_server_survives_long_datagram(too_long: Evidence) -> None:
    """A message of 2000 bytes, more than the buffer holds, does not stop the server."""
    assert shows(too_long.output, b"afterwards"), f"nothing shown of the message behind it; it {too_long.ending}"


@server.should(
    "udp-server-not-utf8",
    builds_on="udp-server-shows-messages",
    reference="RFC 3629 §3",
    hint="A payload is bytes: decode it with errors='replace', or print its repr.",
)
def test_server_survives_not_utf8(not_utf8: Evidence) -> None:
    """Bytes that are not UTF-8 do not stop the server."""
    assert shows(not_utf8.output, b"afterwards"), f"nothing shown of the message behind them; it {not_utf8.ending}"


@server.should(
    "udp-server-loopback-only",
    reference="RFC 1122 §3.2.1.3",
    hint="Bind 127.0.0.1: the empty address stands for all of them.",
)
def test_server_keeps_to_loopback(from_the_cable: Evidence) -> None:
    """The server listens at 127.0.0.1 alone: other hosts are refused."""
    assert from_the_cable.refused, "a datagram to 10.77.0.2, port 8000, was received, not refused"


@client.must(
    "udp-client-sends",
    reference="RFC 768",
    hint="socket(AF_INET, SOCK_DGRAM), then sendto() with bytes, not str, to 127.0.0.1, port 8000.",
)
def test_client_sends(sent: Datagrams, one_message: Evidence) -> None:
    """The client sends a UDP datagram, to port 8000."""
    assert sent, f"no UDP datagram; on the wire: {one_message.packets.overview}; it {one_message.ending}"


@client.must(
    "udp-client-destination",
    reference="RFC 768, Destination Port",
    hint="Port 8000 is 0x1f40 in network byte order.",
)
def test_client_destination(sent: Datagrams) -> None:
    """The datagram goes to port 8000 of 127.0.0.1."""
    assert sent.first.udp.dst_port == PORT
    assert sent.first.ip.destination == "127.0.0.1"


@client.must(
    "udp-client-source-port",
    reference="RFC 6335 §6",
    hint="Do not bind the client: the kernel chooses an ephemeral port when it first sends.",
)
def test_client_source_port(sent: Datagrams) -> None:
    """The datagram leaves from a port of the client's own, not from port 8000."""
    assert sent.first.udp.src_port != PORT


@client.must(
    "udp-client-payload",
    points=2,
    reference="Exercise 1.1; RFC 768, Length",
    hint="Compare the marked bytes: comma, blank, capitals, and nothing behind the exclamation mark.",
)
def test_client_payload(sent: Datagrams) -> None:
    """The datagram carries the 13 bytes of `Hello, World!`, so its UDP length is 21."""
    assert sent.first.payload == b"Hello, World!"
    assert sent.first.udp.length == 21


@client.must("udp-client-once", reference="Exercise 1.1", hint="One sendto(): an empty datagram is one too.")
def test_client_sends_once(sent: Datagrams) -> None:
    """The client sends exactly one datagram."""
    assert sent.only


@client.must(
    "udp-client-no-tcp",
    builds_on="",
    reference="Exercise 1.1",
    hint="UDP needs no connection: send, and that is all.",
)
def test_client_uses_no_tcp(one_message: Evidence) -> None:
    """The client sends nothing over TCP."""
    segments = one_message.packets.tcp
    assert len(segments) == 0, f"{len(segments)} TCP segments, the first one a SYN: {segments[0].summary()}"


@client.must(
    "udp-client-ends",
    reference="Exercise 1.1",
    hint="The server never answers: what does the client wait for?",
)
def test_client_ends(one_message: Evidence) -> None:
    """The client ends by itself within 10 s."""
    assert one_message.ending.by_itself, f"it {one_message.ending}"


@client.must(
    "udp-client-exit-status",
    builds_on="udp-client-ends",
    reference="Exercise 1.1",
    hint="0 says that all went well; an exception that nobody catches gives 1.",
)
def test_client_exit_status(one_message: Evidence) -> None:
    """The client ends with exit status 0."""
    assert one_message.ending.status == 0, f"it {one_message.ending}"
