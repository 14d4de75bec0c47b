"""Exercise 1.4: a UDP header by hand.

The program packs eight bytes of header, puts `Manually Crafted Packet` behind them and sends both to 127.0.0.1,
port 8000, through a raw socket. Without CAP_NET_RAW it cannot; that is also what tells it from an ordinary socket.
Whoever sends more than one datagram must send each of them right: the first wrong one is judged.
"""

from __future__ import annotations

import pytest

from pytest_netlab import (
    Checksum,
    Datagrams,
    Evidence,
    Exercise,
    Packet,
    Stage,
    shows_traceback,
    speaks_of_privilege,
)

PORT = 8000
PAYLOAD = b"Manually Crafted Packet"
LENGTH = 8 + len(PAYLOAD)
OWN_ADDRESSES: tuple[object, ...] = ("127.0.0.1", "10.77.0.2")

exercise = Exercise("1.4", "A UDP header by hand")
sender = exercise.program("raw_udp_sender", ground="raw-sends")


@sender.scenario(net_raw=True)
def one_datagram(stage: Stage) -> None:
    """A socket of ours waits at port 8000."""
    ours = stage.udp_socket("127.0.0.1", PORT)
    stage.start()
    stage.await_end(limit_s=10)
    stage.note(delivered=stage.received(ours))


@sender.scenario
def without_privilege(stage: Stage) -> None:
    """The same without CAP_NET_RAW."""
    stage.udp_socket("127.0.0.1", PORT)
    stage.start()
    stage.await_end(limit_s=10)


@pytest.fixture
def sent(one_datagram: Evidence) -> Datagrams:
    """What the program sent: our socket says nothing."""
    return one_datagram.udp


@pytest.fixture
def right(sent: Datagrams) -> Datagrams:
    """Those datagrams that are as the exercise wants them."""
    return sent.where(
        lambda each: (
            each.ip.destination == "127.0.0.1"
            and each.ip.source in OWN_ADDRESSES
            and each.ipv4.checksum_state is Checksum.GOOD
            and (each.udp.src_port, each.udp.dst_port, each.udp.length) == (12345, PORT, 31)
            and each.udp.payload == PAYLOAD
            and each.udp.checksum_state is not Checksum.BAD
        )
    )


@pytest.fixture
def datagram(sent: Datagrams, right: Datagrams) -> Packet:
    """The datagram that is judged: the first wrong one, or the first where all are right."""
    return (sent.where(lambda each: each not in right) or sent).first


@sender.must(
    "raw-sends",
    reference="RFC 768; raw(7)",
    hint="socket(AF_INET, SOCK_RAW, IPPROTO_UDP) puts the IP header in front by itself; with IPPROTO_RAW it is yours.",
)
def test_sends(sent: Datagrams, one_datagram: Evidence) -> None:
    """The program sends a UDP datagram, to port 8000 of 127.0.0.1."""
    assert sent, f"no UDP datagram; on the wire: {one_datagram.packets.overview}; it {one_datagram.ending}"


@sender.must(
    "raw-ends",
    reference="Exercise 1.4",
    hint="One datagram is asked for, and nobody answers it: what does the program wait for?",
)
def test_ends(one_datagram: Evidence) -> None:
    """The program ends by itself within 10 s."""
    assert one_datagram.ending.by_itself, f"it {one_datagram.ending}"


@sender.must(
    "raw-header",
    reference="RFC 768; raw(7)",
    hint="A raw socket adds the IP header alone: the UDP header has to stand in what you send.",
)
def test_header(datagram: Packet) -> None:
    """The data do not begin at once: a UDP header stands before them."""
    assert datagram.ip.payload != PAYLOAD, "the data stand where the header should"


@sender.must(
    "raw-network-order",
    builds_on="raw-header",
    reference="RFC 768; RFC 791, Appendix B",
    hint="struct.pack('!HHHH', ...), or htons() in C: the ! stands for network byte order, the high byte first.",
)
def test_network_byte_order(datagram: Packet) -> None:
    """The numbers stand in network byte order: port 12345 is the bytes 30 39, port 8000 the bytes 1f 40."""
    ports = [datagram.udp.src_port, datagram.udp.dst_port]
    assert ports != [0x3930, 0x401F] or ports == [12345, PORT]


@sender.must(
    "raw-source-port",
    builds_on="raw-network-order",
    reference="RFC 768, Source Port",
    hint="The first two bytes of the header.",
)
def test_source_port(datagram: Packet) -> None:
    """The source port is 12345, which is 0x3039."""
    assert datagram.udp.src_port == 12345


@sender.must(
    "raw-destination-port",
    builds_on="raw-network-order",
    reference="RFC 768, Destination Port",
    hint="The third and fourth byte of the header.",
)
def test_destination_port(datagram: Packet) -> None:
    """The destination port is 8000, which is 0x1f40."""
    assert datagram.udp.dst_port == PORT


@sender.must(
    "raw-destination-address",
    reference="RFC 791 §3.1, Destination Address",
    hint="A host's name is not its loopback address: name 127.0.0.1 itself.",
)
def test_destination_address(datagram: Packet) -> None:
    """The datagram goes to 127.0.0.1."""
    assert datagram.ip.destination == "127.0.0.1"


@sender.must(
    "raw-length",
    builds_on="raw-network-order",
    reference="RFC 768, Length",
    hint="It counts the 8 bytes of the header and the data, and goes out with its high byte first.",
)
def test_length(datagram: Packet) -> None:
    """The length field counts the header and the data: with 23 bytes of data it is 31, which is 0x001f."""
    # Where the data are the wrong ones, the length may be that of the right ones: one mistake, told by the payload.
    counted = LENGTH if datagram.udp.length == LENGTH else 8 + len(datagram.udp.data)
    assert datagram.udp.length == counted


@sender.must(
    "raw-payload",
    builds_on="raw-header",
    points=2,
    reference="Exercise 1.4",
    hint="Compare the marked bytes: no line end, no terminating zero, no quotes.",
)
def test_payload(datagram: Packet) -> None:
    """Behind the header stand the 23 bytes of `Manually Crafted Packet`, and nothing else."""
    assert datagram.udp.data == PAYLOAD


@sender.must(
    "raw-checksum",
    builds_on="raw-length",
    points=2,
    reference="RFC 768, Checksum; RFC 1071",
    hint="Sum up pseudo header, header and data in 16-bit words, an odd last byte padded; send the complement.",
)
def test_checksum(datagram: Packet) -> None:
    """The checksum is correct, or zero, which over IPv4 says that there is none."""
    assert datagram.udp.checksum_state is not Checksum.BAD


@sender.should(
    "raw-checksum-computed",
    builds_on="raw-checksum",
    reference="RFC 1122 §4.1.3.4",
    hint="Zero goes out as zero: no kernel fills it in. The pseudo header is what is easily forgotten.",
)
def test_checksum_computed(datagram: Packet) -> None:
    """The checksum is computed: the field is not 0x0000."""
    assert datagram.udp.checksum != 0x0000


@sender.must(
    "raw-ip-header",
    reference="RFC 791 §3.1",
    hint="The kernel makes this header, unless IP_HDRINCL or IPPROTO_RAW says that you do.",
)
def test_ip_header(datagram: Packet) -> None:
    """The IP header in front is right: own source address, a time to live, the whole datagram, a good checksum."""
    assert datagram.ip.source in OWN_ADDRESSES
    assert datagram.ipv4.ttl >= 1
    assert datagram.ipv4.more_fragments == 0
    assert datagram.ipv4.checksum_state is Checksum.GOOD


@sender.must(
    "raw-delivered",
    builds_on=("raw-destination-address", "raw-destination-port", "raw-payload", "raw-checksum", "raw-ip-header"),
    points=2,
    reference="RFC 1122 §4.1; packet(7)",
    hint="A packet socket puts frames on the wire behind the kernel's back: use a raw IP socket.",
)
def test_delivered(sent: Datagrams, one_datagram: Evidence) -> None:
    """A socket bound to port 8000 receives what was sent."""
    received = one_datagram.delivered
    assert len(received) >= len(sent), f"of {len(sent)} on the wire, the socket at port 8000 received {len(received)}"


@sender.must(
    "raw-needs-privilege",
    points=2,
    reference="raw(7); capabilities(7)",
    hint="An ordinary UDP socket makes the header itself, for anybody. A raw one takes yours, and asks who you are.",
)
def test_needs_privilege(without_privilege: Evidence) -> None:
    """The header is made by hand: without CAP_NET_RAW nothing is sent."""
    assert without_privilege.udp == [], "so the kernel made the header"


@sender.must(
    "raw-speaks-of-privilege",
    builds_on="raw-needs-privilege",
    reference="capabilities(7)",
    hint="Opening the socket fails with an error of its own, EPERM: catch it, and say what is missing.",
)
def test_speaks_of_privilege(without_privilege: Evidence) -> None:
    """Without CAP_NET_RAW the program says that a permission or a privilege is missing."""
    spoken = speaks_of_privilege(without_privilege.output)
    assert spoken, f"its output speaks of neither; it {without_privilege.ending}"


@sender.should(
    "raw-no-traceback",
    builds_on="raw-speaks-of-privilege",
    reference="Exercise 1.4",
    hint="An except clause around the making of the socket is enough.",
)
def test_no_traceback(without_privilege: Evidence) -> None:
    """Without CAP_NET_RAW it ends by itself, without a traceback."""
    assert not shows_traceback(without_privilege.output), "its output shows a traceback"
    assert without_privilege.ending.by_itself, f"it {without_privilege.ending}"
