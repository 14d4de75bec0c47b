"""RFC 1071 against the textbook loop, and what a wrong sum is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_netlab.wire import Checksum, Frame, dissect, internet_checksum, ones_sum

from .cases import V6
from .frames import CLIENT, SERVER, ethernet, icmp, ipv4, ipv6, naive_sum, pseudo, tcp, udp


@given(st.binary(max_size=200) | st.binary(max_size=5).map(lambda data: data * 400))
def test_the_sum_is_rfc_1071_s(data: bytes) -> None:
    assert ones_sum(data) == naive_sum(data)


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\xff\xff", b"\xff\xff\0\0", b"\0", b"\xff", b"\x80\0\x7f\xff"])
def test_both_zeros(data: bytes) -> None:
    assert internet_checksum(data) == 0xFFFF - naive_sum(data)


def state(segment: bytes, protocol: int, unfinished: bool | None = False) -> Checksum:
    packet = dissect(Frame(ethernet(ipv4(segment, protocol)), checksum_unfinished=unfinished))
    header = packet.udp or packet.tcp or packet.icmp
    assert header is not None
    return header.checksum_state


def patched(segment: bytes, at: int, value: int) -> bytes:
    return segment[:at] + value.to_bytes(2, "big") + segment[at + 2 :]


UDP_PARTIAL = naive_sum(pseudo(CLIENT, SERVER, 17, 10))
TCP_PARTIAL = naive_sum(pseudo(CLIENT, SERVER, 6, 20))
TCP_LENGTHLESS = naive_sum(pseudo(CLIENT, SERVER, 6, 0))


@pytest.mark.parametrize(
    ("segment", "protocol", "unfinished", "expected"),
    [
        (udp(b"hi"), 17, False, Checksum.GOOD),
        (udp(b"hi"), 17, None, Checksum.GOOD),
        (udp(b"hi"), 17, True, Checksum.UNFINISHED),
        (patched(udp(b"hi"), 6, 0), 17, False, Checksum.ABSENT),
        (patched(udp(b"hi"), 6, 1), 17, False, Checksum.BAD),
        (patched(udp(b"hi"), 6, 1), 17, None, Checksum.BAD),
        (patched(udp(b"hi"), 6, UDP_PARTIAL), 17, None, Checksum.UNFINISHED),
        (patched(udp(b"hi"), 6, UDP_PARTIAL), 17, False, Checksum.BAD),
        (tcp("S", 1), 6, False, Checksum.GOOD),
        (patched(tcp("S", 1), 16, 0), 6, False, Checksum.BAD),
        (patched(tcp("S", 1), 16, TCP_PARTIAL), 6, None, Checksum.UNFINISHED),
        (patched(tcp("S", 1), 16, TCP_PARTIAL), 6, False, Checksum.BAD),
        (patched(tcp("S", 1), 16, TCP_LENGTHLESS), 6, None, Checksum.UNFINISHED),
        (patched(tcp("S", 1), 16, TCP_LENGTHLESS), 6, False, Checksum.BAD),
        (icmp(0, bytes(4)), 1, False, Checksum.GOOD),
        (patched(icmp(0, bytes(4)), 2, 0), 1, False, Checksum.GOOD),
        (patched(icmp(8, bytes(4)), 2, 1), 1, True, Checksum.BAD),
    ],
)
def test_states(segment: bytes, protocol: int, unfinished: bool | None, expected: Checksum) -> None:
    assert state(segment, protocol, unfinished) is expected


@pytest.mark.parametrize(("value", "expected"), [(0, Checksum.BAD), (1, Checksum.BAD), (None, Checksum.GOOD)])
def test_udp_over_ipv6_needs_a_sum(value: int | None, expected: Checksum) -> None:
    segment = udp(b"hi", source=V6[0], destination=V6[1])
    segment = segment if value is None else patched(segment, 6, value)
    header = dissect(Frame(ethernet(ipv6(segment, 17), 0x86DD), checksum_unfinished=False)).udp
    assert header is not None
    assert header.checksum_state is expected


def test_a_snapped_packet_s_sum_is_unknown() -> None:
    data = ethernet(ipv4(udp(b"x" * 50), 17))
    header = dissect(Frame(data[:60], original_length=len(data))).udp
    assert header is not None
    assert header.truncated
    assert header.checksum_state is Checksum.UNKNOWN


def test_a_computed_zero_is_sent_as_ffff() -> None:
    left = 0xFFFF - naive_sum(pseudo(CLIENT, SERVER, 17, 10) + udp(b"\0\0")[:6] + b"\0\0")
    segment = patched(udp(left.to_bytes(2, "big")), 6, 0xFFFF)
    header = dissect(Frame(ethernet(ipv4(segment, 17)), checksum_unfinished=False)).udp
    assert header is not None
    assert header.expected_checksum == 0xFFFF
    assert header.checksum_state is Checksum.GOOD


@pytest.mark.parametrize(
    ("value", "unfinished", "expected"),
    [(0, None, Checksum.UNFINISHED), (0, False, Checksum.BAD), (1, None, Checksum.BAD)],
)
def test_an_ip_header_sum_of_zero_is_left_to_hardware(value: int, unfinished: bool | None, expected: Checksum) -> None:
    header = dissect(Frame(ethernet(patched(ipv4(b"", 253), 10, value)), checksum_unfinished=unfinished)).ipv4
    assert header is not None
    assert header.checksum_state is expected


@pytest.mark.parametrize(("segments_left", "expected"), [(1, Checksum.UNKNOWN), (0, Checksum.GOOD)])
def test_a_rerouted_packet_s_sum_is_unknown(segments_left: int, expected: Checksum) -> None:
    segment = udp(b"hi", source=V6[0], destination=V6[1])
    chain = bytes((17, 0, 0, segments_left, 0, 0, 0, 0)) + segment
    header = dissect(Frame(ethernet(ipv6(chain, 43), 0x86DD), checksum_unfinished=False)).udp
    assert header is not None
    assert header.checksum_state is expected
