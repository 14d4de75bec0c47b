"""The layer of exercise 2.4: where its fields stand, and what is no such layer."""

from __future__ import annotations

import pytest

from pytest_netlab.traffic import craft
from pytest_netlab.wire import Frame, Missing, Packet, dissect
from pytest_netlab.wire.custom import custom_protocol


def datagram(payload: bytes, *, protocol: int = 17) -> Packet:
    packet = craft.ipv4("127.0.0.1", "127.0.0.1", protocol, craft.udp("127.0.0.1", "127.0.0.1", 1, 12345, payload))
    return dissect(Frame(craft.ethernet("00:00:00:00:00:00", "00:00:00:00:00:00", packet)))


def test_fields_know_their_place() -> None:
    custom = custom_protocol(datagram(b"\x02\x01\x00\x16This is my custom data"))
    assert (custom.version, custom.type, custom.length) == (2, 1, 22)
    assert custom.payload == b"This is my custom data"
    assert [(field.span.name, field.span.offset, field.span.width) for field in custom.fields()] == [
        ("custom.version", 42, 1),
        ("custom.type", 43, 1),
        ("custom.length", 44, 2),
    ]
    assert custom.payload.span.offset == 46


def test_payload_is_all_that_ip_carries() -> None:
    whole = datagram(b"\x02\x01\x00\x03abc").frame.data
    told_too_little = dissect(Frame(whole[:38] + (13).to_bytes(2, "big") + whole[40:]))
    assert custom_protocol(told_too_little).payload == b"abc"


def test_header_alone_has_no_payload() -> None:
    assert custom_protocol(datagram(b"\x02\x01\x00\x00")).payload == b""


@pytest.mark.parametrize("payload", [b"", b"\x02", b"\x02\x01\x00"])
def test_less_than_a_header_is_none(payload: bytes) -> None:
    with pytest.raises(Missing, match=f"{len(payload)} bytes behind the UDP header"):
        custom_protocol(datagram(payload))


def test_anything_but_udp_is_none() -> None:
    with pytest.raises(Missing, match="no UDP datagram"):
        custom_protocol(datagram(b"\x02\x01\x00\x00", protocol=253))
