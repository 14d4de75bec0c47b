"""TCP conversations: roles, handshakes, endings, and octets put back in order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_netlab.wire import Frame, Missing, Packets, Streams, TcpStream, dissect

from .frames import Talk, ethernet, ipv4, tcp

WRAP = 2**32


def polite(seq: int = 1000, peer: int = 5000) -> Talk:
    """A request, a response, and both FINs."""
    return (
        Talk()
        .client("S", seq).server("SA", peer, seq + 1).client("A", seq + 1, peer + 1)
        .client("PA", seq + 1, peer + 1, b"GET").server("PA", peer + 1, seq + 4, b"ABCD")
        .client("FA", seq + 4, peer + 5).server("FA", peer + 5, seq + 5).client("A", seq + 5, peer + 6)
    )  # fmt: skip


def only(talk: Talk) -> TcpStream:
    return Packets(talk.packets).tcp_streams.only


@pytest.mark.parametrize(("seq", "peer"), [(1000, 5000), (WRAP - 1, WRAP - 3), (WRAP - 2, 0), (0, WRAP - 1)])
def test_a_polite_conversation(seq: int, peer: int) -> None:
    stream = only(polite(seq, peer))
    assert stream.flags == ["S", "SA", "A", "PA", "PA", "FA", "FA", "A"]
    assert (stream.client.port, stream.server.port, stream.client_known) == (40000, 80, True)
    assert (stream.client_bytes, stream.server_bytes) == (b"GET", b"ABCD")
    assert stream.handshake is not None
    assert stream.handshake.consistent
    assert stream.closed_orderly
    assert stream.complete
    assert (stream.acknowledged_by_client, stream.acknowledged_by_server) == (4, 3)
    assert [stream.relative_seq(packet) for packet in stream.packets] == [0, 0, 1, 1, 1, 4, 5, 5]
    assert [stream.relative_ack(packet) for packet in stream.packets] == [0, 1, 1, 1, 4, 5, 5, 6]
    assert list(stream.retransmissions) == []


def test_a_reset_tells_what_had_arrived_and_closes_nothing() -> None:
    talk = polite()
    talk.packets = talk.packets[:4]
    talk.server("FA", 5001, 1004, b"ABCD").client("RA", 1004, 5006)
    stream = only(talk)
    assert stream.acknowledged_by_client == 4
    assert not stream.closed_orderly


@pytest.mark.parametrize("length", [5, 6, 7])
def test_an_unacknowledged_fin_is_no_orderly_close(length: int) -> None:
    talk = polite()
    talk.packets = talk.packets[:length]
    assert not only(talk).closed_orderly


@pytest.mark.parametrize(
    ("ack", "problem"),
    [((1002, 5001), "the ACK's sequence number is 1002"), ((1001, 5002), "the ACK acknowledges 5002")],
)
def test_a_handshake_that_does_not_add_up(ack: tuple[int, int], problem: str) -> None:
    handshake = only(Talk().client("S", 1000).server("SA", 5000, 1001).client("A", *ack)).handshake
    assert handshake is not None
    assert not handshake.consistent
    assert [text for text in handshake.problems if text.startswith(problem)] == handshake.problems


def test_syn_ack_that_acknowledges_something_else() -> None:
    handshake = only(Talk().client("S", 1000).server("SA", 5000, 77).client("A", 1001, 5001)).handshake
    assert handshake is not None
    assert handshake.problems == ["the SYN-ACK acknowledges 77, not the SYN's 1000 + 1"]


@pytest.mark.parametrize(
    "talk",
    [
        Talk().client("S", 1000),
        Talk().client("S", 1000).server("RA", 0, 1001),
        Talk().client("S", 1000).server("SA", 5000, 1001).client("R", 1001),
        Talk().server("SA", 5000, 1001).client("A", 1001, 5001),
        Talk().client("S", 1000).server("SA", 5000, 1001).server("A", 5001, 1001),
    ],
)
def test_no_handshake(talk: Talk) -> None:
    assert only(talk).handshake is None


def test_the_published_handshake_is_two_conversations() -> None:
    """Its SYN and ACK leave from different ports."""
    syn = Talk(source_port=61413).client("S", 1000).server("SA", 5000, 1001).packets
    ack = Talk(source_port=46593).client("A", 1001, 5001).server("R", 5001).packets
    streams = Packets([*syn, *ack]).tcp_streams
    assert [stream.flags for stream in streams] == [["S", "SA"], ["A", "R"]]
    assert [bool(stream.resets) for stream in streams] == [False, True]
    with pytest.raises(Missing, match="one TCP conversation"):
        _ = streams.only


@pytest.mark.parametrize(
    ("again", "count"), [(1000, 1), (2000, 2), (999, 2)], ids=["retransmitted", "new", "older number"]
)
def test_a_new_initial_number_is_a_new_conversation(again: int, count: int) -> None:
    assert len(Packets(Talk().client("S", 1000).client("S", again).packets).tcp_streams) == count


def test_a_reset_ends_the_conversation() -> None:
    talk = Talk().client("S", 1000).server("RA", 0, 1001).client("S", 1000)
    assert [stream.flags for stream in Streams.of(talk.packets)] == [["S", "RA"], ["S"]]


@pytest.mark.parametrize(
    "talk",
    [
        Talk().client("PA", 10, 20, b"x").server("A", 20, 11),
        Talk().server("A", 20, 11),
        Talk().server("SA", 20, 11),
        Talk(source_port=70, port=80).server("SA", 20, 11),
    ],
)
def test_roles_are_guessed_from_what_is_there(talk: Talk) -> None:
    stream = only(talk)
    assert (stream.client.port, stream.server.port) == talk.ports
    assert not stream.client_known
    assert [stream.is_from_client(packet) for packet in stream.packets] == [
        packet.tcp is not None and packet.tcp.src_port == talk.ports[0] for packet in talk.packets
    ]


def test_a_gap_stops_the_octets() -> None:
    stream = only(Talk().client("S", 0).client("PA", 1, 1, b"ab").client("PA", 5, 1, b"ef"))
    assert (stream.client_bytes, stream.client_gap) == (b"ab", 2)
    assert not stream.complete


def test_other_octets_for_the_same_place_are_noted() -> None:
    stream = only(Talk().client("S", 0).client("PA", 1, 1, b"abc").client("PA", 2, 1, b"XYd"))
    assert (stream.client_bytes, stream.client_assembly.conflict) == (b"abcd", True)
    assert stream.client_assembly.packet_at(3).number == 3


def test_a_segment_with_a_bad_sum_is_not_heard() -> None:
    segment = bytearray(tcp("PA", 1, 1, b"bad"))
    segment[-1] ^= 1
    damaged = dissect(Frame(ethernet(ipv4(bytes(segment), 6)), number=2, checksum_unfinished=False))
    talk = Talk().client("S", 0)
    talk.packets.append(damaged)
    assert only(talk.client("PA", 1, 1, b"ok")).client_bytes == b"ok"


def test_retransmissions_are_flagged() -> None:
    talk = Talk().client("S", 9).client("S", 9).client("PA", 10, 1, b"ab").client("PA", 10, 1, b"ab")
    talk.client("PA", 11, 1, b"bc").client("A", 13, 1).client("FA", 13, 1).client("FA", 13, 1)
    assert [packet.number for packet in only(talk).retransmissions] == [2, 4, 8]


def test_an_acknowledgment_of_the_unsent_counts_nothing() -> None:
    talk = Talk().client("S", 0).server("SA", 0, 1).client("A", 1, 1).server("PA", 1, 1, b"abc").client("A", 1, 5000)
    assert only(talk).acknowledged_by_client == 0


def test_streams_by_server_port() -> None:
    packets = [*Talk().client("S", 1).packets, *Talk(port=8080).client("S", 1).packets]
    streams = Packets(packets).tcp_streams
    assert streams.to(8080).only.server.port == 8080
    with pytest.raises(Missing, match="none; closest: frame 1") as caught:
        _ = streams.to(81).only
    assert caught.value.expected == "one TCP conversation to port 81"


@settings(max_examples=80, deadline=None)
@given(
    data=st.data(),
    payload=st.binary(min_size=1, max_size=60),
    start=st.sampled_from([0, 1000, WRAP - 20, WRAP - 1]),
)
def test_reassembly_does_not_depend_on_order_splits_or_repeats(data: st.DataObject, payload: bytes, start: int) -> None:
    cuts = sorted({0, len(payload), *data.draw(st.lists(st.integers(0, len(payload)), max_size=8))})
    pieces = list(pairwise(cuts))
    extra = data.draw(st.lists(st.tuples(st.integers(0, len(payload)), st.integers(0, len(payload))), max_size=4))
    ranges = data.draw(st.permutations([*pieces, *(tuple(sorted(pair)) for pair in extra)]))
    talk = Talk().client("S", start)
    for low, high in ranges:
        talk.client("PA", start + 1 + low, 1, payload[low:high])
    stream = only(talk)
    assert (stream.client_bytes, stream.client_gap, stream.client_assembly.conflict) == (payload, 0, False)
