"""Exercise 2.4: a protocol of one's own.

CustomProtocol stands above UDP port 12345: version (1 byte), type (1 byte), length (2 bytes) of what follows. The
program listens for it for at least 8 s, and 2 s after its start sends itself `This is my custom data`, with version 2
and type 1, to 127.0.0.1. It shows what it hears, and whether the length fits.
"""

from __future__ import annotations

import pytest

from pytest_netlab import (
    Checksum,
    CustomProtocol,
    Datagrams,
    Evidence,
    Exercise,
    Injection,
    Packet,
    Received,
    Stage,
    custom_protocol,
    shows,
    speaks_of_privilege,
)

PORT = 12345
DATA = b"This is my custom data"
VERSIONS, TYPES = (77, 91), (203, 144)

exercise = Exercise("2.4", "A protocol of one's own")
demo = exercise.program("custom_protocol_demo", ground="custom-sends")


@demo.scenario(net_raw=True)
def whole_run(stage: Stage) -> None:
    """Left alone, but for one message 8 s after it began to listen, until it ends."""
    stage.start()
    injection = Injection(stage)
    if stage.listens(PORT):
        injection.send_late()
    stage.await_end(limit_s=25)


@demo.scenario(net_raw=True)
def other_senders(stage: Stage) -> None:
    """Others send: right and wrong lengths, less than a header, an empty payload, bytes that are no text."""
    stage.start()
    injection = Injection(stage)
    if stage.listens(PORT):
        injection.say_hello()
        injection.send_all()
    elif not stage.recorded.udp:
        stage.halt("a datagram to port 12345 of 127.0.0.1, and a receiver of that port", "neither was there")


@demo.scenario
def without_privilege(stage: Stage) -> None:
    """The same without CAP_NET_RAW: a receiver at an ordinary UDP port needs none."""
    stage.start()
    injection = Injection(stage)
    if stage.listens(PORT, unless=speaks_of_privilege):
        injection.say_hello()
    else:
        stage.program.wait_output(speaks_of_privilege, timeout_s=10)


@pytest.fixture
def sent(whole_run: Evidence) -> Datagrams:
    """What the program sent: every datagram that the grader did not."""
    ours = list(whole_run.facts.get("injected", {}).values())
    return whole_run.udp.where(lambda each: [str(each.ip.source), each.udp.src_port] not in ours, "of the program")


@pytest.fixture
def datagram(sent: Datagrams) -> Packet:
    """The demonstration's own datagram."""
    return (sent.to(PORT, "127.0.0.1") or sent.to(PORT) or sent).first


@pytest.fixture
def custom(datagram: Packet) -> CustomProtocol:
    """Its custom header."""
    return custom_protocol(datagram)


@pytest.fixture
def received(other_senders: Evidence) -> Received:
    """What the receiver showed of the messages of others."""
    return Received.of(other_senders)


@demo.must(
    "custom-sends",
    reference="RFC 768",
    hint="Watch lo: two seconds behind the start, does a datagram leave for that address and port?",
)
def test_sends(sent: Datagrams, whole_run: Evidence) -> None:
    """The program sends a UDP datagram to port 12345 of 127.0.0.1: 02 01 00 16, then 22 bytes of data."""
    assert sent, f"no UDP datagram; on the wire: {whole_run.packets.overview}; it {whole_run.ending}"
    datagram = (sent.to(PORT, "127.0.0.1") or sent.to(PORT) or sent).first
    assert datagram.udp.dst_port == PORT
    assert datagram.ip.destination == "127.0.0.1"


@demo.must("custom-sends-once", reference="Exercise 2.4", hint="One datagram is asked for: one send().")
def test_sends_once(sent: Datagrams) -> None:
    """It sends that datagram once."""
    datagrams = sent.to(PORT)
    assert len(datagrams) == 1, f"{len(datagrams)} datagrams to port {PORT}"


@demo.must("custom-version", reference="Exercise 2.4", hint="The first byte of the custom header.")
def test_version(custom: CustomProtocol) -> None:
    """The version byte is 2."""
    assert custom.version == 2


@demo.must("custom-type", reference="Exercise 2.4", hint="The second byte of the custom header.")
def test_type(custom: CustomProtocol) -> None:
    """The type byte is 1."""
    assert custom.type == 1


@demo.must(
    "custom-length",
    points=2,
    reference="Exercise 2.4",
    hint="Nobody fills this field in for you; it counts neither itself nor the header that it stands in.",
)
def test_length(custom: CustomProtocol) -> None:
    """The length field counts the bytes behind the custom header, big-endian: 22, as 00 16."""
    # Where the data are the wrong ones, the length may be that of the right ones: one mistake, told by the data.
    counted = len(DATA) if custom.length == len(DATA) else len(custom.payload)
    assert custom.length == counted


@demo.must("custom-data", reference="Exercise 2.4", hint="Compare the marked bytes: line end, quotes, encoding?")
def test_data(custom: CustomProtocol) -> None:
    """Behind the custom header stand the 22 bytes of `This is my custom data`."""
    assert custom.payload == DATA


@demo.must(
    "custom-udp-length",
    reference="RFC 768, Length",
    hint="8 for UDP, 4 for your header, 22 for the data. Left alone it comes out right.",
)
def test_udp_length(datagram: Packet) -> None:
    """The UDP length counts the UDP header and all that follows: 34."""
    assert datagram.udp.length == 8 + len(datagram.udp.data)


@demo.must(
    "custom-checksums",
    builds_on="custom-udp-length",
    reference="RFC 768, Checksum; RFC 791 §3.1",
    hint="Left alone, checksums come out right. One that is made up lets the datagram vanish.",
)
def test_checksums(datagram: Packet) -> None:
    """The datagram's checksums are right; UDP's may be 0, which says that there is none."""
    if datagram.udp.checksum_state is Checksum.BAD:
        assert datagram.udp.checksum == datagram.udp.expected_checksum
    assert datagram.ipv4.checksum == datagram.ipv4.expected_checksum


@demo.should(
    "custom-source-port",
    reference="RFC 1035 §4.2.1",
    hint="Whoever looks at port 53 thinks of DNS. Where does the number come from, if not from you?",
)
def test_source_port(datagram: Packet) -> None:
    """The source port is not 53, which every reader takes for DNS."""
    assert datagram.udp.src_port != 53


@demo.must(
    "receiver-hears",
    builds_on="",
    reference="packet(7)",
    hint="Does anything listen, to which port, and at which interface?",
)
def test_hears(received: Received, other_senders: Evidence) -> None:
    """The receiver hears datagrams to UDP port 12345, at lo or at eth0, and shows something of them."""
    told = f"of {received.about('hello')}, sent over and over, it showed nothing"
    assert received.heard, f"{told}; it {other_senders.ending}"


@demo.must(
    "receiver-shows-payload",
    builds_on="receiver-hears",
    reference="Exercise 2.4",
    hint="Try a datagram that is not your own: other people's have other versions, types and texts.",
)
def test_shows_payload(received: Received) -> None:
    """The receiver shows the payload as it came, whatever the version and the type."""
    assert received.shows_whole("fits"), f"not in its output: the text of {received.about('fits')}"
    assert received.shows_whole("fits too"), f"not in its output: the text of {received.about('fits too')}"


@demo.must(
    "receiver-shows-source",
    builds_on="receiver-shows-payload",
    reference="RFC 791 §3.1",
    hint="The IP header has the address of who sent it.",
)
def test_shows_source(received: Received) -> None:
    """The receiver shows who sent the datagram."""
    assert received.shows_source, f"{received.source}, which sent {received.about('fits')}, is not in its output"


@demo.must(
    "receiver-shows-version",
    builds_on="receiver-shows-payload",
    reference="Exercise 2.4",
    hint="Shown is what the bytes say, not what your own sender would have put there.",
)
def test_shows_version(received: Received) -> None:
    """The receiver shows the version that came: 77, and 91."""
    missing = [number for number in VERSIONS if not received.shows_number(number)]
    assert not missing, f"version {missing[0]} came, and the number is not in its output"
    swapped = received.calls("version", TYPES) and received.calls("type", VERSIONS)
    assert not swapped, "what its output calls the version is the type, and what it calls the type is the version"


@demo.must(
    "receiver-shows-type",
    builds_on="receiver-shows-payload",
    reference="Exercise 2.4",
    hint="A type that you do not know still has a number.",
)
def test_shows_type(received: Received) -> None:
    """The receiver shows the type that came: 203, and 144."""
    missing = [number for number in TYPES if not received.shows_number(number)]
    assert not missing, f"type {missing[0]} came, and the number is not in its output"


@demo.must(
    "receiver-shows-length",
    builds_on="receiver-shows-payload",
    reference="Exercise 2.4",
    hint="The field and the number of bytes are two things: show the first, judge it by the second.",
)
def test_shows_length(received: Received) -> None:
    """The receiver shows the length field that came, also where it is wrong."""
    assert received.shows_number(4242), f"not in its output: the length of {received.about('too long')}"


@demo.must(
    "receiver-judges-length",
    builds_on="receiver-shows-length",
    points=2,
    reference="Exercise 2.4",
    hint="Compare the field with the bytes behind the custom header, not with those behind the UDP header.",
)
def test_judges_length(received: Received) -> None:
    """The receiver says whether the length fits: of 4242 and of 5 it says something else than of 11 and of 14."""
    told = f"{received.about('fits')}, and of {received.about('too long')}"
    assert received.tells_lengths_apart, f"apart from the values it says the same of {told}"


@demo.must(
    "receiver-survives-short",
    builds_on="receiver-shows-payload",
    reference="RFC 1122 §1.2.2",
    hint="What comes is anybody's: see how many bytes there are before you take four of them.",
)
def test_survives_short(received: Received, other_senders: Evidence) -> None:
    """A datagram shorter than the custom header of 4 bytes does not stop the receiver."""
    behind = f"behind datagrams of 2 and of 0 bytes it showed nothing of {received.about('behind half a header')}"
    assert received.shows("behind half a header"), f"{behind}; it {other_senders.ending}"


@demo.should(
    "receiver-empty-payload",
    builds_on="receiver-survives-short",
    reference="Exercise 2.4",
    hint="Nothing is a payload as well, of length 0.",
)
def test_survives_empty_payload(received: Received, other_senders: Evidence) -> None:
    """A datagram whose payload is empty (length 0) does not stop the receiver."""
    behind = f"behind it, it showed nothing of {received.about('behind empty')}"
    assert received.shows("behind empty"), f"{behind}; it {other_senders.ending}"


@demo.should(
    "receiver-not-utf8",
    builds_on="receiver-empty-payload",
    reference="RFC 3629 §3",
    hint="Bytes need not be text. What does decode() do with those that are none?",
)
def test_survives_not_utf8(received: Received, other_senders: Evidence) -> None:
    """A payload that is not UTF-8 (e9 ff fe) does not stop the receiver."""
    behind = f"behind it, it showed nothing of {received.about('behind not UTF-8')}"
    assert received.shows("behind not UTF-8"), f"{behind}; it {other_senders.ending}"


@demo.must(
    "receiver-stays",
    builds_on="receiver-hears",
    reference="Exercise 2.4",
    hint="The sender starts after two seconds; others need their chance, too.",
)
def test_stays(whole_run: Evidence) -> None:
    """The receiver listens for at least 8 s."""
    late = Received.of(whole_run)
    assert late.shows("late"), f"of {late.about('late')}, sent 8 s after it began to listen, it showed nothing"


@demo.should(
    "custom-hears-own",
    builds_on=("custom-data", "custom-udp-length", "custom-checksums", "receiver-shows-payload"),
    reference="Exercise 2.4",
    hint="A datagram to 127.0.0.1 never passes the default interface: listen at lo as well.",
)
def test_hears_own(received: Received, whole_run: Evidence) -> None:
    """The receiver hears at lo, and so shows the demonstration's own datagram, which goes to 127.0.0.1."""
    assert received.heard_over("lo"), "of what was sent to 127.0.0.1 it showed nothing"
    assert shows(whole_run.output, DATA), f"{DATA.decode()!r} is not in its output"


@demo.must(
    "custom-ends",
    reference="Exercise 2.4",
    hint="Which thread still waits, and for what?",
)
def test_ends(whole_run: Evidence) -> None:
    """The program ends by itself within 25 s."""
    assert whole_run.ending.by_itself, f"it {whole_run.ending}"


@demo.must(
    "custom-speaks-of-privilege",
    builds_on="receiver-hears",
    reference="capabilities(7)",
    hint="An error in a thread is easily lost: tell the person in front of the screen what is missing.",
)
def test_speaks_of_privilege(without_privilege: Evidence) -> None:
    """Without CAP_NET_RAW the receiver hears all the same, or says that a permission or a privilege is missing."""
    spoken = speaks_of_privilege(without_privilege.output) or Received.of(without_privilege).heard
    assert spoken, f"it hears nothing, and its output speaks of neither; it {without_privilege.ending}"
