"""Selections of a recording, and what is said when nothing fits."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from pytest_netlab.wire import Direction, Frame, Missing, Packets, dissect

from .frames import CLIENT, SERVER, Talk, ethernet, icmp, ipv4, udp_packet

RECORDING = Packets(
    [
        udp_packet(b"one", 1),
        udp_packet(b"two", 2, source_port=40001),
        udp_packet(b"answer", 3, reverse=True),
        udp_packet(b"off", 4, port=8008),
        *Talk(port=9000).client("S", 1000).packets,
    ]
)


def test_selecting_by_port() -> None:
    assert RECORDING.udp.to(8000).payloads == [b"one", b"two"]
    assert RECORDING.udp.to(8000).sent_from(40001).only.payload == b"two"
    assert RECORDING.udp.sent_from(8000, SERVER).only.number == 3
    assert RECORDING.udp.to(8000, "10.77.0.99") == []
    assert RECORDING.udp.between(8000, 40000).payloads == [b"one", b"answer"]
    assert RECORDING.udp.first.payload == b"one"
    assert [packet.number for packet in RECORDING.udp[1:3]] == [2, 3]
    assert RECORDING.incoming == RECORDING[:4]
    assert RECORDING.numbered(4).payload == b"off"


@pytest.mark.parametrize(
    ("port", "actual", "closest"),
    [
        (8088, "none; closest: frame 4, UDP to port 8008", 4),
        (16415, "none; closest: frame 1, UDP to port 8000", 1),
        (40000, "2: frames 1, 2", 1),
    ],
)
def test_missing_names_the_closest(port: int, actual: str, closest: int) -> None:
    wanted = RECORDING.udp.to(port) if port != 40000 else RECORDING.udp.to(8000)
    with pytest.raises(Missing) as caught:
        _ = wanted.only
    assert caught.value.actual == actual
    assert caught.value.closest[0].number == closest
    assert caught.value.expected == f"one UDP datagram to port {8000 if port == 40000 else port}"


def test_the_same_port_of_another_protocol_is_close() -> None:
    with pytest.raises(Missing) as caught:
        _ = Packets(Talk(port=9000).client("S", 1000).packets).udp.to(9000).only
    assert caught.value.actual == "none; closest: frame 1, TCP to port 9000"


def test_nothing_at_all_is_none() -> None:
    with pytest.raises(Missing, match="expected a UDP datagram; got none") as caught:
        _ = Packets().udp.first
    assert caught.value.closest == []


def test_missing_survives_pickle() -> None:
    with pytest.raises(Missing) as caught:
        _ = RECORDING.udp.to(8088).only
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (str(twin), twin.closest) == (str(caught.value), caught.value.closest)


def test_exchanges_pair_swapped_ends() -> None:
    pairs = [(e.request.number, e.response.number if e.response else None) for e in RECORDING.udp.exchanges]
    assert pairs == [(1, 3), (2, None), (4, None)]
    assert RECORDING.udp.replies_to(RECORDING[0]).only.number == 3


def test_before_others() -> None:
    assert RECORDING.udp.before(RECORDING.udp.sent_from(8000)).payloads == [b"one", b"two"]
    assert RECORDING.udp.before(RECORDING.udp.to(8088)) == RECORDING.udp


def test_each_response_answers_the_oldest_open_request() -> None:
    order = [udp_packet(b"a", 1), udp_packet(b"b", 2)]
    order += [udp_packet(b"A", 3, reverse=True), udp_packet(b"B", 4, reverse=True)]
    pairs = [(e.request.number, e.response.number if e.response else None) for e in Packets(order).udp.exchanges]
    assert pairs == [(1, 3), (2, 4)]


def test_echo_replies_pair_by_identifier_and_sequence() -> None:
    def message(kind: int, identifier: int, number: int, ends: tuple[str, str]) -> Frame:
        rest = identifier.to_bytes(2, "big") + b"\0\1"
        return Frame(ethernet(ipv4(icmp(kind, rest), 1, *ends)), number=number)

    there, back = (CLIENT, SERVER), (SERVER, CLIENT)
    frames = [
        message(8, 7, 1, there),
        message(0, 8, 2, back),
        message(0, 7, 3, there),
        message(0, 7, 4, back),
    ]
    packets = Packets.of(frames)
    assert packets.icmp.replies_to(packets[0]).only.number == 4


def test_once_drops_the_second_sight_of_a_loopback_frame() -> None:
    frame = udp_packet().frame
    seen = [
        replace(frame, number=number, direction=direction)
        for number, direction in enumerate((Direction.OUTGOING, Direction.INCOMING) * 2, 1)
    ]
    assert [packet.number for packet in Packets.of(seen).once] == [1, 3]
    assert len(Packets.of(seen[1::2]).once) == 2


def test_where_completes_the_sentence() -> None:
    with pytest.raises(Missing, match="one UDP datagram to port 8000 of 9 bytes"):
        _ = RECORDING.udp.to(8000).where(lambda packet: len(packet.payload) == 9, "of 9 bytes").only


def test_a_cooked_header_tells_the_direction() -> None:
    outgoing = b"\0\4" + bytes(12) + b"\x08\0" + ipv4(b"", 253)
    assert dissect(Frame(outgoing, link_type=113)).direction is Direction.OUTGOING
