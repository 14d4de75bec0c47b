"""Every frame of the table, whole, cut short, and as arbitrary octets."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_netlab.errors import WireError
from pytest_netlab.wire import (
    Checksum,
    Frame,
    Packet,
    dissect,
    located,
    parse_dns,
    parse_dns_over_tcp,
    parse_http,
)

from .cases import CASES, Case

NAMES = [case.name for case in CASES]


def everything(packet: Packet) -> list[object]:
    """Touch whatever can be asked of a packet."""
    found: list[object] = [
        packet.summary(),
        packet.payload,
        packet.dns,
        packet.http,
        packet.direction,
        repr(packet),
    ]
    found += list(packet.fields())
    for header in packet.layers:
        for name in dir(type(header)):
            if not name.startswith("_") and isinstance(getattr(type(header), name), property):
                found.append(getattr(header, name))
    return found


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_whole_frame_has_its_layers(case: Case) -> None:
    packet = dissect(Frame(case.data, link_type=case.link_type))
    assert packet.error is None
    assert [(header.layer, header.payload_offset) for header in packet.layers] == list(case.layers)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_every_sum_in_the_table_is_right(case: Case) -> None:
    packet = dissect(Frame(case.data, link_type=case.link_type, checksum_unfinished=False))
    summed = [header for header in packet.layers if hasattr(header, "checksum_state")]
    wrong = {header.layer for header in summed if getattr(header, "checksum_state") is not Checksum.GOOD}  # noqa: B009
    assert wrong == ({"udp"} if case.name == "article" else set())


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_fields_cover_each_header_once(case: Case) -> None:
    packet = dissect(Frame(case.data, link_type=case.link_type))
    for header in packet.layers:
        bits = [
            span.offset * 8 + span.bit_offset + bit
            for _, _, span in header.fields()
            for bit in range(span.bit_width or span.width * 8)
        ]
        start, stop = header.offset * 8, header.payload_offset * 8
        if header.layer == "ipv6":
            stop = start + 320
            bits = [bit for bit in bits if bit < stop]
        assert sorted(bits) == list(range(start, stop))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("snapped", [False, True])
def test_a_truncated_frame_keeps_the_layers_that_are_whole(case: Case, snapped: bool) -> None:
    """Cut by a snap length the upper layers stand; cut on the wire they contradict the lengths above."""
    for size in range(len(case.data)):
        original = len(case.data) if snapped else None
        packet = dissect(Frame(case.data[:size], link_type=case.link_type, original_length=original))
        whole = [name for name, end in case.layers if end <= size]
        names = [header.layer for header in packet.layers]
        assert names == (whole if snapped else whole[: len(names)])
        everything(packet)
        if len(whole) < len(case.layers):
            assert packet.error is not None
            assert packet.error.field
            assert 0 <= packet.error.offset <= size


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=120),
    link_type=st.sampled_from([0, 1, 101, 108, 113, 147, 228, 229, 276]),
    original=st.none() | st.integers(0, 3000),
    unfinished=st.sampled_from([None, True, False]),
)
def test_any_octets_are_a_packet(data: bytes, link_type: int, original: int | None, unfinished: bool | None) -> None:
    frame = Frame(data, link_type=link_type, original_length=original, checksum_unfinished=unfinished)
    packet = dissect(frame)
    everything(packet)
    assert (packet.error is not None) or packet.layers or data


@settings(max_examples=300, deadline=None)
@given(
    case=st.sampled_from(CASES),
    edits=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6),
)
def test_a_damaged_frame_is_a_packet(case: Case, edits: list[tuple[int, int]]) -> None:
    data = bytearray(case.data)
    for at, value in edits:
        data[at % len(data)] = value
    packet = dissect(Frame(bytes(data), link_type=case.link_type))
    for thing in everything(packet):
        place = located(thing)
        if place is not None:
            span = place[1]
            assert span.offset >= 0
            assert span.offset + span.width <= len(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda tail: b"\0\1\0\0\0\1\0\1\0\0\0\0" + tail))
def test_dns_is_a_value_or_a_wire_error(data: bytes) -> None:
    for parse in (parse_dns, parse_dns_over_tcp):
        try:
            message = parse(Frame(data), 0)
        except WireError as error:
            fault = error.field
        else:
            fault = "dns"
            assert len(message.questions) == message.qdcount
            assert len(message.answers) == message.ancount
        assert fault.startswith("dns")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: b"GET / HTTP/1.1\r\n" + tail))
def test_http_is_a_value_or_a_wire_error(data: bytes) -> None:
    try:
        message = parse_http(data)
    except WireError as error:
        assert (error.field, error.offset) == ("http.start_line", 0)  # noqa: PT017
        return
    assert b"".join(line.text + line.ending for line in message.lines) + message.body == data


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_packets_and_values_survive_pickle_and_deepcopy(case: Case) -> None:
    packet = dissect(Frame(case.data[:-1], link_type=case.link_type))
    assert pickle.loads(pickle.dumps(packet)).summary() == packet.summary()
    for field in packet.fields():
        for twin in (pickle.loads(pickle.dumps(field.value)), copy.deepcopy(field.value)):
            assert (twin, type(twin), located(twin)) == (field.value, type(field.value), located(field.value))
