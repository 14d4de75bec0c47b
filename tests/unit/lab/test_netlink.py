"""Netlink by hand: framing, answers whole and cut short, and a kernel that refuses."""

from __future__ import annotations

import errno
import os
import socket
import struct

import pytest

from pytest_netlab.lab import firewall, rtnetlink
from pytest_netlab.lab.netlink import Netlink, attribute, errors, nested

NO_LINK = 0x7FFF_FFF0


def answer(sequence: int, number: int = 0, kind: int = 2) -> bytes:
    """An NLMSG_ERROR as the kernel sends it, with the header of what it answers."""
    return struct.pack("=IHHIIi", 36, kind, 0, sequence, 0, -number) + bytes(16)


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (b"", b"\x04\x00\x03\x00"),
        (b"a", b"\x05\x00\x03\x00a\0\0\0"),
        (b"four", b"\x08\x00\x03\x00four"),
    ],
)
def test_attribute_says_its_length_without_the_padding(value: bytes, octets: bytes) -> None:
    assert attribute(3, value) == octets


def test_nested_attribute_holds_whole_attributes() -> None:
    assert nested(18, attribute(1, b"veth"), attribute(2, b"x")) == (
        b"\x14\x00\x12\x80" + b"\x08\x00\x01\x00veth" + b"\x05\x00\x02\x00x\0\0\0"
    )


def test_answers_of_one_packet() -> None:
    assert errors(answer(7) + answer(8, errno.EEXIST)) == [(7, 0), (8, errno.EEXIST)]


@pytest.mark.parametrize("length", range(1, 20))
def test_answer_cut_short_is_refused(length: int) -> None:
    with pytest.raises(OSError, match=r"netlink: an answer ends"):
        errors(answer(7)[:length])


def test_another_message_where_an_answer_was_due() -> None:
    with pytest.raises(OSError, match="a message of type 16"):
        errors(answer(7, kind=16))


def test_kernel_refuses_and_the_message_is_named() -> None:
    reason = errno.ENODEV if os.geteuid() == 0 else errno.EPERM
    with Netlink(socket.NETLINK_ROUTE) as route, pytest.raises(OSError, match=r"address 10\.77\.0\.9: ") as refused:
        route.ask([rtnetlink.add_address(NO_LINK, "10.77.0.9", 24)])
    assert refused.value.errno == reason


def test_address_is_parsed_by_its_family() -> None:
    assert rtnetlink.parse("10.77.0.2") == (socket.AF_INET, bytes([10, 77, 0, 2]))
    assert rtnetlink.parse("fd00:77::2") == (socket.AF_INET6, bytes.fromhex("fd000077" + "0" * 23 + "2"))


def test_firewall_is_one_transaction() -> None:
    made = firewall.messages()
    assert [message.quiet for message in made] == [True, False, False, False, False, True]
    assert [message.kind & 0xFF for message in made] == [0x10, 0, 3, 6, 6, 0x11]
