"""The article's frame, read field by field, and how located values behave."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest

from pytest_netlab.errors import WireError
from pytest_netlab.wire import Checksum, Frame, Int, Span, Tcp, Udp, dissect, located, parse_dns

from .cases import CASES, MSS_AND_MORE, REQUEST
from .frames import ARTICLE, CLIENT, SERVER, ethernet, icmp, ipv4, ipv6, naive_sum, tcp, udp

FRAME = {case.name: Frame(case.data, link_type=case.link_type) for case in CASES}


def read_udp(data: bytes, unfinished: bool | None = False) -> Udp:
    found = dissect(Frame(ethernet(data), checksum_unfinished=unfinished)).udp
    assert found is not None
    return found


def read_tcp(data: bytes, unfinished: bool | None = False) -> Tcp:
    found = dissect(Frame(ethernet(data), checksum_unfinished=unfinished)).tcp
    assert found is not None
    return found


def test_the_article_s_frame_reads_as_the_article_reads_it() -> None:
    table = {name: (int(value), span[1:]) for name, value, span in dissect(Frame(ARTICLE)).fields()
             if isinstance(value, Int)}  # fmt: skip
    assert table == {
        "ethernet.ethertype": (0x0800, (12, 2, 0, None)),
        "ipv4.version": (4, (14, 1, 0, 4)),
        "ipv4.ihl": (5, (14, 1, 4, 4)),
        "ipv4.tos": (0, (15, 1, 0, None)),
        "ipv4.total_length": (29, (16, 2, 0, None)),
        "ipv4.identification": (0, (18, 2, 0, None)),
        "ipv4.flags": (2, (20, 1, 0, 3)),
        "ipv4.fragment_offset": (0, (20, 2, 3, 13)),
        "ipv4.ttl": (64, (22, 1, 0, None)),
        "ipv4.protocol": (0x11, (23, 1, 0, None)),
        "ipv4.checksum": (0x3CCE, (24, 2, 0, None)),
        "udp.src_port": (62514, (34, 2, 0, None)),
        "udp.dst_port": (0x4E20, (36, 2, 0, None)),
        "udp.length": (9, (38, 2, 0, None)),
        "udp.checksum": (0xFE1C, (40, 2, 0, None)),
    }


def test_the_article_s_addresses_and_payload() -> None:
    packet = dissect(Frame(ARTICLE))
    assert packet.ipv4 is not None
    assert packet.ethernet is not None
    assert packet.ethernet.source == "00:00:00:00:00:00"
    assert packet.ipv4.source == "127.0.0.1" == packet.ipv4.destination
    assert packet.payload == b"A"
    assert packet.summary() == "127.0.0.1:62514 > 127.0.0.1:20000 UDP 1 byte"


@pytest.mark.parametrize(
    ("unfinished", "state"),
    [(None, Checksum.UNFINISHED), (True, Checksum.UNFINISHED), (False, Checksum.BAD)],
)
def test_the_article_s_checksum_is_unfinished_unless_the_kernel_denies_it(
    unfinished: bool | None, state: Checksum
) -> None:
    packet = dissect(Frame(ARTICLE, checksum_unfinished=unfinished))
    assert packet.udp is not None
    assert packet.udp.checksum_state is state
    assert packet.udp.expected_checksum == 0xFFFF - naive_sum(ARTICLE[26:34] + b"\0\x11\0\x09" + ARTICLE[34:40] + b"A")


def test_an_int_is_an_int_that_knows_its_octets() -> None:
    frame = Frame(ARTICLE, number=7)
    udp_header = dissect(frame).udp
    assert udp_header is not None
    length = udp_header.length
    assert located(length) == (frame, Span("udp.length", 38, 2))
    assert (length.hex, repr(length), f"{length:04x}", hash(length)) == ("0x0009", "9", "0009", hash(9))
    assert type(length + 1) is int
    assert located(length + 1) is None


def test_an_address_equals_its_text_and_its_plain_twin() -> None:
    four, six = dissect(FRAME["udp"]).ipv4, dissect(FRAME["udp over 6"]).ipv6
    assert four is not None
    assert six is not None
    assert four.source == CLIENT == four.source
    assert four.source == IPv4Address(CLIENT)
    assert four.source != SERVER
    assert hash(four.source) == hash(IPv4Address(CLIENT))
    assert repr(four.source) == "IPv4Address('10.77.0.2')"
    assert six.source == "fd00:77:0::2"
    assert six.source == IPv6Address("fd00:77::2")
    assert six.source != "no address"


def test_padding_is_not_payload() -> None:
    assert dissect(FRAME["padded"]).payload == b"hi"
    assert dissect(Frame(ethernet(ipv4(tcp("A", 1, 1), 6)) + bytes(6))).payload == b""


def test_udp_octets_behind_its_length_are_not_payload() -> None:
    assert read_udp(ipv4(udp(b"hi") + b"behind", 17)).payload == b"hi"


@pytest.mark.parametrize(
    ("data", "field", "offset"),
    [
        (ipv4(udp(b"hi", length=7), 17), "udp.length", 38),
        (ipv4(udp(b"hi", length=11), 17), "udp.length", 38),
        (ipv4(udp(b"hi"), 17, total_length=19), "ipv4.total_length", 16),
        (ipv4(udp(b"hi"), 17, total_length=0), "ipv4.total_length", 16),
        (ipv4(udp(b"hi"), 17, total_length=31), "ipv4.total_length", 16),
        (b"\x55" + ipv4(udp(b"hi"), 17)[1:], "ipv4.version", 14),
        (b"\x44" + ipv4(udp(b"hi"), 17)[1:], "ipv4.ihl", 14),
        (b"\x4f" + ipv4(udp(b"hi"), 17)[1:], "ipv4.options", 14),
        (ipv4(udp(b"hi"), 17, options=b"\x07\x01\0\0"), "ipv4.option", 34),
        (ipv4(tcp("S", 1, options=b"\x01\x02\x09\0"), 6), "tcp.option", 55),
        (ipv4(tcp("S", 1)[:12] + b"\x40" + tcp("S", 1)[13:], 6), "tcp.data_offset", 46),
        (ipv4(tcp("S", 1)[:12] + b"\x60" + tcp("S", 1)[13:], 6), "tcp.options", 34),
        (ipv4(b"\x08\0\0\0", 1), "icmp", 34),
    ],
)
def test_a_contradiction_names_its_field(data: bytes, field: str, offset: int) -> None:
    error = dissect(Frame(ethernet(data))).error
    assert isinstance(error, WireError)
    assert (error.field, error.offset) == (field, offset)


@pytest.mark.parametrize("length", [0, 7, 11, 0x0A00])
def test_a_udp_header_with_a_wrong_length_is_there_to_be_looked_at(length: int) -> None:
    packet = dissect(Frame(ethernet(ipv4(udp(b"hi", length=length), 17))))
    assert packet.error is not None
    assert packet.udp is not None
    assert (packet.udp.length, packet.udp.data, packet.udp.payload) == (length, b"hi", b"hi")


def test_udp_data_is_all_that_ip_carries_whatever_the_length_says() -> None:
    header = read_udp(ipv4(udp(b"hello", length=10), 17))
    assert (header.payload, header.data) == (b"he", b"hello")
    assert located(header.data) == (header.frame, Span("udp.data", 42, 5))


@pytest.mark.parametrize(
    ("flags", "bits"),
    [
        ("", 0),
        ("S", 2),
        ("SA", 18),
        ("A", 16),
        ("PA", 24),
        ("FA", 17),
        ("FPA", 25),
        ("R", 4),
        ("RA", 20),
        ("PUA", 56),
    ],
)
def test_tcp_flags_are_spelled_with_a_last(flags: str, bits: int) -> None:
    header = read_tcp(ipv4(tcp(flags, 1), 6))
    assert (header.flags, header.flag_bits) == (flags, bits)
    assert (header.syn, header.ack_flag, header.fin, header.rst, header.psh) == tuple(c in flags for c in "SAFRP")


def test_tcp_options_by_name() -> None:
    header = read_tcp(ipv4(tcp("S", 1, options=MSS_AND_MORE), 6))
    named = [(option.name, option.length, option.value) for option in header.options]
    assert named == [
        ("mss", 4, 1460), ("sack_permitted", 2, 0), ("timestamps", 10, 1 << 32), ("nop", 1, 0),
        ("window_scale", 3, 7),
    ]  # fmt: skip
    assert header.mss == 1460
    assert header.header_length == 40
    timestamps = header.option("timestamps")
    assert timestamps is not None
    assert timestamps.words == (1, 0)


def test_an_unreachable_quotes_the_datagram() -> None:
    message = dissect(FRAME["unreachable"]).icmp
    assert message is not None
    assert message.quoted is not None
    assert (message.type, message.code, message.identifier) == (3, 3, None)
    assert message.quoted.destination == SERVER
    assert message.quoted_ports == (40000, 8000)
    assert dissect(FRAME["unreachable"]).udp is None


def test_a_ping_has_identifier_and_sequence() -> None:
    message = dissect(FRAME["ping"]).icmp
    assert message is not None
    assert (message.identifier, message.sequence, message.payload) == (7, 1, b"abc")


def test_vlan_tags() -> None:
    header = dissect(FRAME["qinq"]).ethernet
    assert header is not None
    assert [(tag.tpid, tag.pcp, tag.dei, tag.vid) for tag in header.tags] == [
        (0x88A8, 0, 0, 5),
        (0x8100, 3, 0, 10),
    ]


def test_a_first_fragment_has_ports_and_an_unknown_sum() -> None:
    whole = udp(b"x" * 100)
    header = read_udp(ipv4(whole[:64], 17, fragment=0x2000))
    assert (header.dst_port, header.length, len(header.payload)) == (8000, 108, 56)
    assert header.checksum_state is Checksum.UNKNOWN


def test_dns_follows_compression() -> None:
    message = dissect(FRAME["dns"]).dns
    assert message is not None
    assert [(q.name, q.qtype, q.qclass) for q in message.questions] == [("httpbin.org", 1, 1)]
    assert [(r.name, r.ttl, r.value) for r in message.answers] == [("httpbin.org", 3600, SERVER)]


@pytest.mark.parametrize(
    "name",
    [
        b"\xc0\x0c",
        b"\xc0\x0e\xc0\x0c",
        b"\x01a\xc0\x0c",
        b"\xc0\x20",
        b"\x40",
        b"\x3f" * 300,
        b"\x09ab",
    ],
    ids=["itself", "forward", "its own start", "beyond", "undefined", "too long", "cut off"],
)
def test_dns_refuses_names_that_do_not_end(name: bytes) -> None:
    with pytest.raises(WireError) as caught:
        parse_dns(Frame(bytes.fromhex("000000000001000000000000") + name + bytes(4)), 0)
    assert caught.value.field == "dns.question.name"


@pytest.mark.parametrize("name", ["udp", "tcp", "ping"])
def test_dns_is_not_seen_elsewhere(name: str) -> None:
    assert dissect(FRAME[name]).dns is None


def test_http_request_head() -> None:
    message = dissect(FRAME["tcp"]).http
    assert message is not None
    assert (getattr(message, "method", ""), getattr(message, "target", "")) == ("GET", "/get")
    assert (message.header("host"), message.header("Connection")) == ("httpbin.org", "close")
    assert (message.complete, message.bare_line_ends, message.head_length) == (True, (), len(REQUEST))


@pytest.mark.parametrize(
    ("head", "bare", "malformed", "complete"),
    [
        (b"GET / HTTP/1.1\nHost: a\r\n\r\n", (14,), (), True),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\n", (25,), (), True),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", (), (b"Host : a",), True),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", (), (), False),
        (b"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", (20,), (), True),
    ],
)
def test_http_faults_are_noted(
    head: bytes, bare: tuple[int, ...], malformed: tuple[bytes, ...], complete: bool
) -> None:
    message = dissect(Frame(ethernet(ipv4(tcp("PA", 1, 1, head), 6)))).http
    assert message is not None
    assert (message.bare_line_ends, message.malformed_lines, message.complete) == (bare, malformed, complete)


def test_ipv6_fields() -> None:
    packet = dissect(FRAME["ping 6 behind options"])
    assert packet.ipv6 is not None
    assert packet.icmpv6 is not None
    assert (packet.ipv6.version, packet.ipv6.traffic_class, packet.ipv6.flow_label) == (6, 0, 0xABCDE)
    assert (packet.ipv6.next_header, packet.ipv6.protocol, packet.ipv6.header_length) == (0, 58, 48)
    assert (packet.icmpv6.identifier, packet.icmpv6.sequence) == (7, 1)


def test_a_large_send_has_no_total_length() -> None:
    data = ethernet(ipv4(tcp("A", 1, 1, b"x" * 3000), 6, total_length=0))
    packet = dissect(Frame(data))
    assert packet.error is None
    assert len(packet.payload) == 3000


def test_an_ipv6_chain_is_bounded() -> None:
    chain = bytes.fromhex("0000010400000000") * 17
    error = dissect(Frame(ethernet(ipv6(chain, 0), 0x86DD))).error
    assert error is not None
    assert error.field == "ipv6.extension"


def test_an_error_s_sum_is_the_message_s() -> None:
    good = dissect(Frame(ethernet(ipv4(icmp(8, bytes(8)), 1)))).icmp
    assert good is not None
    assert (good.checksum_state, good.expected_checksum) == (Checksum.GOOD, good.checksum)
