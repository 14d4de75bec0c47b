"""Exercise 0.2: the headers of exercise 0.1, field by field.

The client's request is read on the loopback interface, where the kernel may leave the UDP checksum unfinished; the
server's response is read on the cable, where every sum is final.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_netlab import Checksum, Evidence, Exercise, Packet, Stage

PORT = 20000

exercise = Exercise("0.2", "The headers, field by field")
client = exercise.program("abcd_client", ground="request-version")
server = exercise.program("abcd_server", ground="response-arrives")


@client.scenario
def one_request(stage: Stage) -> None:
    """A server of ours waits at port 20000 and answers ABCD."""
    ours = stage.udp_socket("127.0.0.1", PORT)
    stage.start()
    if request := stage.await_datagram(ours):
        ours.sendto(b"ABCD", request[1])
    stage.await_end(limit_s=10)


@server.scenario(loopback=False)
def over_the_cable(stage: Stage) -> None:
    """A client on the other host asks at the server's address there."""
    stage.start()
    stage.await_udp_port(PORT)
    asker = stage.udp_socket(stage.internet.address, host=stage.internet)
    stage.ask(asker, b"A", (stage.student.address, PORT))


@pytest.fixture
def request_packet(one_request: Evidence) -> Packet:
    """The first IP packet that the client sends."""
    return one_request.packets.where(lambda packet: packet.ip, "of IP from the client").first


@pytest.fixture
def response(over_the_cable: Evidence) -> Packet:
    """The server's first datagram on the cable."""
    return over_the_cable.udp.sent_from(PORT, "10.77.0.2").first


@client.must("request-version", reference="RFC 791 §3.1, Version", hint="Use an AF_INET socket and 127.0.0.1.")
def test_version(request_packet: Packet) -> None:
    """The request is an IPv4 packet: its version is 4."""
    assert request_packet.ip.version == 4


@client.must(
    "request-header-length",
    reference="RFC 791 §3.1, IHL",
    hint="The low half of the first byte counts words of four bytes; more than five of them means options.",
)
def test_header_length(request_packet: Packet) -> None:
    """The IP header is 5 words long, 20 bytes: it has no options."""
    assert request_packet.ipv4.ihl == 5


@client.must(
    "request-total-length",
    reference="RFC 791 §3.1, Total Length",
    hint="It counts the IP header and all that follows it, but not the Ethernet header.",
)
def test_total_length(request_packet: Packet) -> None:
    """The total length counts the IP header and everything behind it."""
    assert request_packet.ipv4.total_length == request_packet.frame.length - request_packet.ipv4.offset


@client.must(
    "request-not-fragmented",
    builds_on="request-total-length",
    reference="RFC 791 §3.1, Flags and Fragment Offset",
    hint="29 bytes fit everywhere: nobody needs to cut them.",
)
def test_not_fragmented(request_packet: Packet) -> None:
    """The request is whole: more-fragments is clear and the fragment offset is 0."""
    assert request_packet.ipv4.more_fragments == 0
    assert request_packet.ipv4.fragment_offset == 0


@client.must(
    "request-ttl",
    reference="RFC 791 §3.1, Time to Live",
    hint="A packet with nothing left to live may not be sent; Linux begins at 64.",
)
def test_time_to_live(request_packet: Packet) -> None:
    """The time to live is at least 1."""
    assert request_packet.ipv4.ttl >= 1


@client.must(
    "request-protocol",
    builds_on="request-not-fragmented",
    reference="RFC 791 §3.1, Protocol",
    hint="0x11 is UDP, 0x06 is TCP: it follows from the socket's type, SOCK_DGRAM.",
)
def test_protocol(request_packet: Packet) -> None:
    """The protocol is 0x11, UDP."""
    assert request_packet.ipv4.protocol == 0x11


@client.must(
    "request-ip-checksum",
    reference="RFC 791 §3.1, Header Checksum; RFC 1071",
    hint="The ones' complement of the ones' complement sum of the header, with this field taken as 0.",
)
def test_ip_checksum(request_packet: Packet) -> None:
    """The IP header checksum is correct."""
    assert request_packet.ipv4.checksum_state is Checksum.GOOD


@client.must(
    "request-source",
    reference="RFC 791 §3.1, Source Address",
    hint="Bind no address: who sends to 127.0.0.1 sends from 127.0.0.1.",
)
def test_source(request_packet: Packet) -> None:
    """The source address is 127.0.0.1."""
    assert request_packet.ip.source == "127.0.0.1"


@client.must("request-destination", reference="RFC 791 §3.1, Destination Address", hint="localhost is 127.0.0.1 here.")
def test_destination(request_packet: Packet) -> None:
    """The destination address is 127.0.0.1."""
    assert request_packet.ip.destination == "127.0.0.1"


@client.must(
    "request-destination-port",
    builds_on="request-protocol",
    reference="RFC 768, Destination Port",
    hint="Network byte order: the high byte, 4e, goes first.",
)
def test_destination_port(request_packet: Packet) -> None:
    """The destination port is 0x4e20, which is 20000."""
    assert request_packet.udp.dst_port == 0x4E20


@client.must(
    "request-udp-length",
    builds_on="request-protocol",
    reference="RFC 768, Length",
    hint="The length counts the 8 bytes of the header and the data; the data is the one byte A.",
)
def test_udp_length(request_packet: Packet) -> None:
    """The UDP length is 0x0009: 8 bytes of header and 1 of data."""
    assert request_packet.udp.length == 0x0009


@client.must(
    "request-udp-checksum",
    builds_on="request-protocol",
    reference="RFC 768, Checksum",
    hint="It covers a pseudo header of both addresses, the protocol and the length, then the header and the data.",
)
def test_udp_checksum(request_packet: Packet, record_property: Callable[[str, object], None]) -> None:
    """The UDP checksum is not wrong: it is correct, absent, or left unfinished as on loopback."""
    state = request_packet.udp.checksum_state
    if state is Checksum.UNFINISHED:
        told = f"{request_packet.udp.checksum.hex} is the folded pseudo-header sum that a kernel leaves to hardware"
        record_property("remark", f"unfinished, neither right nor wrong: {told}")
    assert state is not Checksum.BAD


@client.should(
    "request-udp-checksum-present",
    builds_on="request-udp-checksum",
    reference="RFC 1122 §4.1.3.4",
    hint="0x0000 means that the sender made no checksum; leave SO_NO_CHECK alone.",
)
def test_udp_checksum_present(request_packet: Packet) -> None:
    """The request carries a UDP checksum: the field is not 0x0000."""
    assert request_packet.udp.checksum != 0x0000


@server.must(
    "response-arrives",
    reference="RFC 768",
    hint="Bind all addresses: on the cable the server is asked at 10.77.0.2.",
)
def test_response_arrives(response: Packet) -> None:
    """A request over the cable, to 10.77.0.2, is answered with a UDP datagram."""
    assert response.ipv4.protocol == 0x11


@server.must(
    "response-ip-checksum",
    reference="RFC 791 §3.1, Header Checksum; RFC 1071",
    hint="The ones' complement of the ones' complement sum of the header, with this field taken as 0.",
)
def test_response_ip_checksum(response: Packet) -> None:
    """The IP header checksum of the response is correct."""
    assert response.ipv4.checksum_state is Checksum.GOOD


@server.must(
    "response-udp-checksum",
    reference="RFC 768, Checksum",
    hint="On the cable nobody finishes the sum later: what is there must be right, and 0 means that there is none.",
)
def test_response_udp_checksum(response: Packet) -> None:
    """On the cable the UDP checksum is final, and correct where there is one."""
    assert response.udp.checksum_state in (Checksum.GOOD, Checksum.ABSENT)


@server.should(
    "response-udp-checksum-present",
    builds_on="response-udp-checksum",
    reference="RFC 1122 §4.1.3.4",
    hint="0x0000 means that the sender made no checksum; leave SO_NO_CHECK alone.",
)
def test_response_udp_checksum_present(response: Packet) -> None:
    """The response carries a UDP checksum: the field is not 0x0000."""
    assert response.udp.checksum != 0x0000
