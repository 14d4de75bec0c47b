"""One rule: the resets of the student's kernel do not leave, those of the program do.

A hand-made handshake comes from a raw socket, so the kernel knows no such connection and answers the peer's
SYN-ACK with a reset. `meta skuid` can only be loaded where a socket sent the packet; where none did, the load
ends that rule, and the next one drops:

    out of the cable, tcp flags rst, meta skuid loads → accept
    out of the cable, tcp flags rst                   → drop

On loopback the kernel resets as ever: a port there where nobody listens refuses, as on any machine.

Numbers in nftables' attributes are in network byte order. Source: linux/netfilter/nf_tables.h, nfnetlink.h.
"""

from __future__ import annotations

import socket
import struct
from typing import Final

from pytest_netlab.lab.netlink import CREATE, Message, Netlink, attribute, nested

_NETLINK_NETFILTER: Final = 12
_NFTABLES: Final = 10  # the subsystem
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
_NEW_TABLE, _NEW_CHAIN, _NEW_RULE = 0, 3, 6
_APPEND: Final = 0x800

_TABLE: Final = b"netlab\0"
_CHAIN: Final = b"resets\0"
_HOOK_LOCAL_OUT: Final = 3
_DROP, _ACCEPT = 0, 1
_REGISTER_VERDICT, _REGISTER_1 = 0, 1
_META_OIF, _META_SKUID, _META_L4PROTO = 5, 10, 16
_EQUAL, _NOT_EQUAL = 0, 1
_TRANSPORT_HEADER: Final = 2
_FLAGS_OFFSET: Final = 13  # RFC 9293 §3.1: control bits
_LOOPBACK_INDEX: Final = 1  # the first interface of every network namespace
_RST: Final = b"\x04"


def drop_kernel_resets() -> None:
    """Install the rules in the network namespace of the calling process.

    Raises:
        OSError: the kernel has no nftables, or refuses.
    """
    with Netlink(_NETLINK_NETFILTER) as nftables:
        nftables.ask(messages())


def messages() -> list[Message]:
    """Table, chain and both rules, as one transaction."""
    hook = nested(4, attribute(1, _number(_HOOK_LOCAL_OUT)), attribute(2, _number(0)))  # its number, its priority
    chain = attribute(1, _TABLE) + attribute(3, _CHAIN) + hook + attribute(5, _number(_ACCEPT))
    is_reset = [
        _expression("meta", _numbers(_REGISTER_1, _META_OIF)),
        _compare(_NOT_EQUAL, struct.pack("=I", _LOOPBACK_INDEX)),
        _expression("meta", _numbers(_REGISTER_1, _META_L4PROTO)),
        _compare(_EQUAL, bytes([socket.IPPROTO_TCP])),
        _expression("payload", _numbers(_REGISTER_1, _TRANSPORT_HEADER, _FLAGS_OFFSET, 1)),
        _expression("bitwise", _numbers(_REGISTER_1, _REGISTER_1, 1) + _data(4, _RST) + _data(5, b"\0")),
        _compare(_NOT_EQUAL, b"\0"),
    ]
    from_a_socket = _expression("meta", _numbers(_REGISTER_1, _META_SKUID))
    return [
        _boundary(_BATCH_BEGIN),
        _new(_NEW_TABLE, 0, attribute(1, _TABLE), "a table"),
        _new(_NEW_CHAIN, 0, chain + attribute(7, b"filter\0"), "a chain"),
        _rule([*is_reset, from_a_socket, _verdict(_ACCEPT)]),
        _rule([*is_reset, _verdict(_DROP)]),
        _boundary(_BATCH_END),
    ]


def _boundary(kind: int) -> Message:
    return Message(kind, 0, struct.pack("!BBH", 0, 0, _NFTABLES), "a transaction", quiet=True)


def _new(kind: int, flags: int, attributes: bytes, what: str) -> Message:
    body = struct.pack("!BBH", socket.AF_INET, 0, 0) + attributes
    return Message(_NFTABLES << 8 | kind, CREATE | flags, body, f"nftables, {what}")


def _rule(expressions: list[bytes]) -> Message:
    attributes = attribute(1, _TABLE) + attribute(2, _CHAIN) + nested(4, *expressions)
    return _new(_NEW_RULE, _APPEND, attributes, "a rule")


def _expression(name: str, attributes: bytes) -> bytes:
    return nested(1, attribute(1, name.encode() + b"\0"), nested(2, attributes))


def _compare(operator: int, value: bytes) -> bytes:
    return _expression("cmp", _numbers(_REGISTER_1, operator) + _data(3, value))


def _verdict(code: int) -> bytes:
    verdict = nested(2, nested(2, attribute(1, _number(code))))
    return _expression("immediate", _numbers(_REGISTER_VERDICT) + verdict)


def _data(kind: int, value: bytes) -> bytes:
    return nested(kind, attribute(1, value))


def _numbers(*values: int) -> bytes:
    """Attributes 1, 2, … with these numbers."""
    return b"".join(attribute(kind, _number(value)) for kind, value in enumerate(values, start=1))


def _number(value: int) -> bytes:
    return struct.pack("!I", value)
