"""One table of frames: octets, link type, the layers in them, and where each header ends."""

from __future__ import annotations

from typing import NamedTuple

from .frames import ARTICLE, CLIENT, SERVER, ethernet, icmp, ipv4, ipv6, pseudo, tcp, udp, with_sum

MSS_AND_MORE = bytes.fromhex("020405b4 0402 080a0000000100000000 01 030307")
QUERY = bytes.fromhex("abcd01000001000000000000") + b"\x07httpbin\x03org\0" + bytes.fromhex("00010001")
ANSWER = (
    bytes.fromhex("abcd81800001000100000000") + b"\x07httpbin\x03org\0" + bytes.fromhex("00010001")
    + bytes.fromhex("c00c0001000100000e1000040a4d0050")
)  # fmt: skip
REQUEST = b"GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n"
V6 = ("fd00:77::2", "fd00:77::1")
_ECHO6 = with_sum(bytes.fromhex("8000000000070001"), 2, pseudo(*V6, 58, 8))
_ARP = bytes.fromhex("0001080006040001020000000001") + bytes((10, 77, 0, 2)) + bytes(6) + bytes((10, 77, 0, 1))
_IP = ipv4(udp(b"hi"), 17)


class Case(NamedTuple):
    """A frame; `layers` as (name, octets of the frame up to the end of that header)."""

    name: str
    data: bytes
    layers: tuple[tuple[str, int], ...]
    link_type: int = 1


CASES = [
    Case("article", ARTICLE, (("ethernet", 14), ("ipv4", 34), ("udp", 42))),
    Case("udp", ethernet(ipv4(udp(b"Hello, World!"), 17)), (("ethernet", 14), ("ipv4", 34), ("udp", 42))),
    Case("vlan", ethernet(_IP, tags=bytes.fromhex("8100600a")),
         (("ethernet", 18), ("ipv4", 38), ("udp", 46))),
    Case(
        "qinq", ethernet(_IP, tags=bytes.fromhex("88a800058100600a")),
        (("ethernet", 22), ("ipv4", 42), ("udp", 50)),
    ),
    Case("null", bytes.fromhex("02000000") + _IP, (("loopback", 4), ("ipv4", 24), ("udp", 32)), 0),
    Case("loop", bytes.fromhex("00000002") + _IP, (("loopback", 4), ("ipv4", 24), ("udp", 32)), 108),
    Case("raw", _IP, (("ipv4", 20), ("udp", 28)), 101),
    Case("raw 4", _IP, (("ipv4", 20), ("udp", 28)), 228),
    Case("cooked", bytes(14) + b"\x08\0" + _IP, (("cooked", 16), ("ipv4", 36), ("udp", 44)), 113),
    Case("cooked 2", b"\x08\0" + bytes(18) + _IP, (("cooked2", 20), ("ipv4", 40), ("udp", 48)), 276),
    Case("arp", ethernet(_ARP, 0x0806), (("ethernet", 14), ("arp", 42))),
    Case("tcp", ethernet(ipv4(tcp("PA", 1001, 1, REQUEST), 6)),
         (("ethernet", 14), ("ipv4", 34), ("tcp", 54))),
    Case(
        "tcp options", ethernet(ipv4(tcp("S", 1000, options=MSS_AND_MORE), 6)),
        (("ethernet", 14), ("ipv4", 34), ("tcp", 74)),
    ),
    Case(
        "ip options", ethernet(ipv4(udp(b"hi"), 17, options=bytes.fromhex("0107070400000000"))),
        (("ethernet", 14), ("ipv4", 42), ("udp", 50)),
    ),
    Case("ping", ethernet(ipv4(icmp(8, bytes.fromhex("00070001") + b"abc"), 1)),
         (("ethernet", 14), ("ipv4", 34), ("icmp", 42))),
    Case("unreachable", ethernet(ipv4(icmp(3, bytes(4) + _IP[:28], 3), 1, SERVER, CLIENT)),
         (("ethernet", 14), ("ipv4", 34), ("icmp", 42))),
    Case("other ip", ethernet(ipv4(b"none", 253)), (("ethernet", 14), ("ipv4", 34))),
    Case("later fragment", ethernet(ipv4(b"x" * 64, 17, fragment=0x0002)), (("ethernet", 14), ("ipv4", 34))),
    Case("udp over 6", ethernet(ipv6(udp(b"hi", source=V6[0], destination=V6[1]), 17), 0x86DD),
         (("ethernet", 14), ("ipv6", 54), ("udp", 62))),
    Case("tcp over 6", ethernet(ipv6(tcp("S", 5, source=V6[0], destination=V6[1]), 6), 0x86DD),
         (("ethernet", 14), ("ipv6", 54), ("tcp", 74))),
    Case("ping 6 behind options", ethernet(ipv6(bytes.fromhex("3a00010400000000") + _ECHO6, 0), 0x86DD),
         (("ethernet", 14), ("ipv6", 62), ("icmpv6", 70))),
    Case("dns", ethernet(ipv4(udp(ANSWER, 53, 40000), 17)), (("ethernet", 14), ("ipv4", 34), ("udp", 42))),
    Case("padded", ethernet(_IP) + bytes(18), (("ethernet", 14), ("ipv4", 34), ("udp", 42))),
]  # fmt: skip
