"""Packets by hand: headers packed with `struct`, lengths and checksums right.

    ethernet(…, ipv4("10.77.0.1", "10.77.0.2", 17, udp("10.77.0.1", "10.77.0.2", 4000, 5000, b"data")))

Only what the peers send; for anything else there is Scapy. Every function returns bytes, from its own header
on.
"""

from __future__ import annotations

import socket
import struct
from typing import Final

from pytest_netlab.wire.checksum import internet_checksum, pseudo_header4, pseudo_header6

ETHERTYPE_IPV4: Final = 0x0800
ETHERTYPE_ARP: Final = 0x0806
ETHERTYPE_IPV6: Final = 0x86DD
BROADCAST_MAC: Final = "ff:ff:ff:ff:ff:ff"

ICMP_UNREACHABLE: Final = 3
ICMP_ECHO_REQUEST: Final = 8
ICMP_TIME_EXCEEDED: Final = 11
UNREACHABLE_HOST: Final = 1
UNREACHABLE_PORT: Final = 3
ICMPV6_UNREACHABLE: Final = 1
ICMPV6_ECHO_REQUEST: Final = 128
UNREACHABLE_ADDRESS: Final = 3
NEIGHBOUR_SOLICITATION: Final = 135
SMALLEST_MTU: Final = 1280
"""Octets that every link carries in one IPv6 packet (RFC 8200 §5)."""

_TCP_FLAGS: Final = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10, "U": 0x20}


def mac_bytes(mac: str) -> bytes:
    """The six bytes of a hardware address written with colons."""
    return bytes.fromhex(mac.replace(":", ""))


def ethernet(source_mac: str, destination_mac: str, payload: bytes, ethertype: int = ETHERTYPE_IPV4) -> bytes:
    """An Ethernet II frame without its frame check sequence."""
    return mac_bytes(destination_mac) + mac_bytes(source_mac) + struct.pack("!H", ethertype) + payload


def arp_request(sender_mac: str, sender: str, target: str) -> bytes:
    """An ARP request for Ethernet and IPv4 (RFC 826)."""
    fixed = struct.pack("!HHBBH", 1, ETHERTYPE_IPV4, 6, 4, 1)
    return fixed + mac_bytes(sender_mac) + socket.inet_aton(sender) + bytes(6) + socket.inet_aton(target)


def arp_reply(sender_mac: str, sender: str, target_mac: str, target: str) -> bytes:
    """An ARP reply for Ethernet and IPv4: `sender` is at `sender_mac` (RFC 826)."""
    fixed = struct.pack("!HHBBH", 1, ETHERTYPE_IPV4, 6, 4, 2)
    ends = mac_bytes(sender_mac) + socket.inet_aton(sender) + mac_bytes(target_mac) + socket.inet_aton(target)
    return fixed + ends


def ipv4(
    source: str, destination: str, protocol: int, payload: bytes, *, identification: int = 0, ttl: int = 64
) -> bytes:
    """An IPv4 packet without options, not to be fragmented (RFC 791 §3.1)."""
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    first = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(payload), identification, 0x4000, ttl, protocol)
    checksum = internet_checksum(first + addresses)
    return first + struct.pack("!H", checksum) + addresses + payload


def ipv6(source: str, destination: str, next_header: int, payload: bytes, *, hop_limit: int = 64) -> bytes:
    """An IPv6 packet without extension headers (RFC 8200 §3)."""
    first = struct.pack("!IHBB", 6 << 28, len(payload), next_header, hop_limit)
    return first + _octets(source) + _octets(destination) + payload


def udp(source: str, destination: str, source_port: int, destination_port: int, data: bytes) -> bytes:
    """A UDP datagram; the addresses, IPv4 or IPv6, are for its checksum, which is never zero (RFC 768)."""
    length = 8 + len(data)
    header = struct.pack("!HHH", source_port, destination_port, length)
    pseudo = _pseudo_header(source, destination, socket.IPPROTO_UDP, length)
    checksum = internet_checksum(pseudo + header + data) or 0xFFFF
    return header + struct.pack("!H", checksum) + data


def tcp(
    source: str,
    destination: str,
    source_port: int,
    destination_port: int,
    *,
    flags: str,
    sequence: int = 0,
    acknowledgment: int = 0,
    data: bytes = b"",
    options: bytes = b"",
) -> bytes:
    """A TCP segment; `flags` are letters of `FSRPAU`, `options` fill whole words of 4 bytes (RFC 9293 §3.1)."""
    bits = sum(_TCP_FLAGS[flag] for flag in flags)
    words = 5 + len(options) // 4
    first = struct.pack("!HHIIBBH", source_port, destination_port, sequence, acknowledgment, words << 4, bits, 0xFFFF)
    pseudo = _pseudo_header(source, destination, socket.IPPROTO_TCP, 4 * words + len(data))
    checksum = internet_checksum(pseudo + first + options + data)
    return first + struct.pack("!HH", checksum, 0) + options + data


def timestamps(value: int, echoed: int) -> bytes:
    """The option that nearly every segment of today carries, with two octets of padding before it (RFC 7323 §3)."""
    return struct.pack("!BBBBII", 1, 1, 8, 10, value, echoed)


def icmp(kind: int, code: int, rest: bytes, data: bytes = b"") -> bytes:
    """An ICMP message; `rest` are the four bytes behind its checksum (RFC 792)."""
    checksum = internet_checksum(struct.pack("!BB", kind, code) + rest + data)
    return struct.pack("!BBH", kind, code, checksum) + rest + data


def icmpv6(source: str, destination: str, kind: int, code: int, rest: bytes, data: bytes = b"") -> bytes:
    """An ICMPv6 message; its checksum includes a pseudo header of the addresses (RFC 4443 §2.3)."""
    pseudo = _pseudo_header(source, destination, socket.IPPROTO_ICMPV6, 8 + len(data))
    checksum = internet_checksum(pseudo + struct.pack("!BB", kind, code) + rest + data)
    return struct.pack("!BBH", kind, code, checksum) + rest + data


def echo_request(identifier: int, sequence: int, data: bytes = b"") -> bytes:
    """An ICMP echo request."""
    return icmp(ICMP_ECHO_REQUEST, 0, struct.pack("!HH", identifier, sequence), data)


def unreachable(code: int, packet: bytes) -> bytes:
    """An ICMP destination unreachable; it quotes the header of IPv4 `packet` and 8 bytes more (RFC 792)."""
    header_bytes = (packet[0] & 0x0F) * 4
    return icmp(ICMP_UNREACHABLE, code, bytes(4), packet[: header_bytes + 8])


def unreachable6(source: str, destination: str, code: int, packet: bytes) -> bytes:
    """An ICMPv6 destination unreachable; quotes as much of IPv6 `packet` as fits the smallest MTU (RFC 4443 §3.1)."""
    quoted = packet[: SMALLEST_MTU - 48]
    return icmpv6(source, destination, ICMPV6_UNREACHABLE, code, bytes(4), quoted)


def neighbour_advertisement(source: str, destination: str, mac: str) -> bytes:
    """An IPv6 packet that says: `source`, which was asked for, is at `mac` (RFC 4861 §4.4)."""
    solicited_override, target_link_layer_address = b"\x60\0\0\0", b"\x02\x01"
    data = _octets(source) + target_link_layer_address + mac_bytes(mac)
    message = icmpv6(source, destination, 136, 0, solicited_override, data)
    return ipv6(source, destination, socket.IPPROTO_ICMPV6, message, hop_limit=255)


def dns_query(identifier: int, name: str) -> bytes:
    """A recursive question for the IPv4 address of `name` (RFC 1035 §4.1)."""
    return struct.pack("!HHHHHH", identifier, 0x0100, 1, 0, 0, 0) + _dns_question(name)


def dns_answer(identifier: int, name: str, address: str) -> bytes:
    """The answer to `dns_query`, with one A record that lives 60 s."""
    header = struct.pack("!HHHHHH", identifier, 0x8180, 1, 1, 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(address)
    return header + _dns_question(name) + record


def _pseudo_header(source: str, destination: str, protocol: int, length: int) -> bytes:
    build = pseudo_header6 if ":" in source else pseudo_header4
    return build(_octets(source), _octets(destination), protocol, length)


def _octets(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _dns_question(name: str) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return labels + struct.pack("!BHH", 0, 1, 1)
