"""A capture that somebody else took: which conversation is meant, and what differs from notes about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_netlab.grading.observation import Observation, octets_missing, teardown
from pytest_netlab.wire import Direction, Frame, Missing, Packet, TcpStream, dissect
from tests.unit.wire.frames import Talk, ethernet, icmp, ipv4, udp_packet

GET = b"GET /get HTTP/1.1\r\nHost: httpbin.org\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\n\r\n{}"
ENDED, SAID = 1 + len(PAGE), 1 + len(GET)


def fetch(port: int = 40000, request: bytes = GET, *, ends: bool = True) -> list[Packet]:
    """A whole conversation in ten frames; the server closes first."""
    talk = Talk(source_port=port).client("S", 0).server("SA", 0, 1).client("A", 1, 1).client("PA", 1, 1, request)
    talk.server("A", 1, SAID).server("PA", 1, SAID, PAGE).client("A", SAID, ENDED)
    if ends:
        talk.server("FA", ENDED, SAID).client("FA", SAID, ENDED + 1).server("A", ENDED + 1, SAID + 1)
    return talk.packets


def numbered(*packets: Packet) -> list[Packet]:
    """The packets, as a capture would number and time them."""
    return [
        dissect(replace(packet.frame, number=number, time_ns=number * 1_000_000))
        for number, packet in enumerate(packets, 1)
    ]


def numbers(packets: list[Packet]) -> list[int]:
    return [packet.number for packet in packets]


def test_either_number_of_a_doubled_frame_is_the_packet() -> None:
    out = udp_packet(b"Hello").frame
    frames = [replace(out, direction=Direction.OUTGOING), replace(out, number=2), replace(out, number=3, time_ns=10**9)]
    seen = Observation([dissect(frame) for frame in frames])
    assert numbers(list(seen.packets)) == [1, 3]
    assert numbers(seen.frames([2])) == [1]
    assert numbers(seen.frames([3, 2, 1])) == [3, 1]


@pytest.mark.parametrize("number", [0, 11, 1 << 31])
def test_frame_that_is_not_there(number: int) -> None:
    with pytest.raises(Missing) as missing:
        Observation(fetch()).frames([1, number])
    assert "frames 1 to 10" in missing.value.expected
    assert f"frame {number}" in missing.value.actual


def test_meant_is_who_asks_for_the_page() -> None:
    other = fetch(50000, b"GET /other HTTP/1.1\r\n\r\n")
    seen = Observation(numbered(*other, *fetch(ends=False)))
    assert [stream.client.port for stream in seen.fetches(b"/get")] == [40000, 50000]


def test_meant_is_who_is_named() -> None:
    seen = Observation(numbered(*fetch(40000), *fetch(40001), *fetch(40002, ends=False)))
    assert seen.fetch(b"/get").client.port == 40000
    assert seen.fetch(b"/get", [12, 13, 14]).client.port == 40001
    assert seen.fetch(b"/get", [99]).client.port == 40000


@pytest.mark.parametrize("target", [b"/get", b"http://httpbin.org/get", b"http://httpbin.org:80/get"])
def test_absolute_form_asks_for_the_page_too(target: bytes) -> None:
    wanted = fetch(40001, b"GET " + target + b" HTTP/1.1\r\n\r\n")
    seen = Observation(numbered(*fetch(40000, b"POST /get HTTP/1.1\r\n\r\n"), *wanted))
    assert seen.fetch(b"/get").client.port == 40001


def test_no_conversation_with_port_80() -> None:
    with pytest.raises(Missing, match="port 80"):
        Observation([udp_packet()]).fetch(b"/get")
    assert Observation([]).fetches(b"/get") == []


def test_syn_sent_again_stands_for_the_first() -> None:
    syn, *rest = fetch()
    seen = Observation(numbered(syn, dissect(replace(syn.frame, data=syn.frame.data + b"\0")), *rest))
    stream = seen.fetch(b"/get")
    assert numbers(seen.handshake([2, 3, 4], stream)) == [1, 3, 4]
    assert numbers(seen.handshake([4, 5], stream)) == [4, 5]


@pytest.mark.parametrize(
    ("selected", "words"),
    [
        (range(1, 11), ""),
        ([], "selects no frame, and not frame 1 (10.77.0.2:40000 > 10.77.0.80:80 TCP S"),
        (range(1, 10), "selects 9 packets, but not frame 10 ("),
        (range(1, 12), "selects 11 packets, of which 1 do not belong: frame 11 ("),
        (range(2, 12), "selects 10 packets, of which 1 do not belong: frame 11 ("),
    ],
)
def test_difference(selected: list[int], words: str) -> None:
    packets = numbered(*fetch(), udp_packet())
    difference = Observation(packets).difference(selected, packets[:10])
    assert difference.startswith(words)
    assert bool(difference) is bool(words)


def test_error_about_the_flow_may_be_selected_or_not() -> None:
    datagram = udp_packet()
    quoted = datagram.frame.data[14:42]
    error = dissect(Frame(ethernet(ipv4(icmp(3, bytes(4) + quoted, 3), 1))))
    flow, *_ = packets = numbered(datagram, error, udp_packet(source_port=7))
    seen = Observation(packets)
    assert seen.difference([1], [flow]) == ""
    assert seen.difference([1, 2], [flow]) == ""
    assert seen.difference([1, 2, 3], [flow]) != ""


def test_alongside_are_others_at_the_same_time() -> None:
    mine, beside = fetch(), fetch(40001)
    seen = Observation(numbered(mine[0], *beside, *mine[1:], *fetch(40002)))
    assert numbers(seen.alongside(seen.fetch(b"/get", [1]))) == list(range(2, 12))


def test_teardown_has_four_steps() -> None:
    end = teardown(TcpStream(fetch()))
    assert numbers(list(end.span)) == [8, 9, 10]
    assert end.missing(end.span) == []
    assert end.missing(end.span[:2]) == ["the server's ACK for the client's FIN (frame 10)"]
    assert end.missing([]) == [
        "the client's FIN (frame 9)",
        "the server's ACK for the client's FIN (frame 10)",
        "the server's FIN (frame 8)",
        "the client's ACK for the server's FIN (frame 9)",
    ]
    assert numbers(end.strangers(fetch()[6:9])) == [7]


def test_teardown_of_a_conversation_that_goes_on() -> None:
    end = teardown(TcpStream(fetch(ends=False)))
    assert end.span == ()
    assert end.missing(fetch()) == [
        "the client's FIN",
        "the server's ACK for the client's FIN",
        "the server's FIN",
        "the client's ACK for the server's FIN",
    ]


def test_either_fin_will_do_where_it_was_sent_twice() -> None:
    whole = fetch()
    stream = TcpStream(numbered(*whole[:8], whole[7], *whole[8:]))
    end = teardown(stream)
    assert end.missing([stream.packets[8], *stream.packets[9:]]) == []


@pytest.mark.parametrize(("left_out", "missing"), [(None, 0), (5, len(PAGE)), (7, 0), (4, 0)])
def test_octets_missing(left_out: int | None, missing: int) -> None:
    packets = [packet for index, packet in enumerate(fetch()) if index != left_out]
    assert octets_missing(TcpStream(packets).from_server) == missing


def test_octets_that_a_snap_length_cut_are_not_missing() -> None:
    cut = [
        dissect(replace(each.frame, data=each.frame.data[:60], original_length=each.frame.length)) for each in fetch()
    ]
    assert octets_missing(TcpStream(cut).from_server) == 0
