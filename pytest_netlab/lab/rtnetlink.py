"""Links, addresses, neighbours and routes, as messages of rtnetlink.

Owns: the fixed parts and the attributes of these messages. Sending is `netlink`'s. Only what a lab needs is here.

Source: rtnetlink(7), RFC 3549 §3.1; linux/if_link.h, if_addr.h, neighbour.h, rtnetlink.h.
"""

from __future__ import annotations

import socket
import struct
from typing import Final

from pytest_netlab.lab.netlink import CREATE, EXCLUSIVE, Message, attribute, nested

IFF_UP: Final = 0x1
IFF_NOARP: Final = 0x80

_NEW_LINK, _NEW_ADDRESS, _NEW_ROUTE, _NEW_NEIGHBOUR = 16, 20, 24, 28
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_LINKINFO, _IFLA_AF_SPEC, _IFLA_NET_NS_FD = 1, 3, 18, 26, 28
_INFO_KIND, _INFO_DATA, _VETH_PEER = 1, 2, 1
_INET6_ADDR_GEN_MODE, _ADDR_GEN_MODE_NONE = 8, 1
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_NDA_DST, _NDA_LLADDR, _NUD_PERMANENT = 1, 2, 0x80
_RTA_DST, _RTA_GATEWAY, _TABLE_MAIN, _PROTOCOL_STATIC, _UNICAST = 1, 5, 254, 4, 1

_IFINFO: Final = struct.Struct("=BxHiII")  # family, type, index, flags, which of them change
_IFADDR: Final = struct.Struct("=BBBBI")  # family, prefix length, flags, scope, index
_NEIGHBOUR: Final = struct.Struct("=BxxxiHBB")  # family, index, state, flags, type
_ROUTE: Final = struct.Struct("=8BI")  # family, lengths, tos, table, protocol, scope, type, flags


def veth(name: str, mac: str, peer: str, netns: int, peer_mac: str = "") -> Message:
    """A new veth pair.

    Args:
        name: of the end in the namespace of the socket.
        mac: its hardware address.
        peer: name of the other end.
        netns: descriptor of the namespace where that is.
        peer_mac: its hardware address; empty leaves the choice to the kernel.
    """
    far = attribute(_IFLA_IFNAME, _text(peer)) + attribute(_IFLA_NET_NS_FD, struct.pack("=I", netns))
    if peer_mac:
        far += attribute(_IFLA_ADDRESS, hardware(peer_mac))
    far_end = attribute(_VETH_PEER, _IFINFO.pack(0, 0, 0, 0, 0) + far)
    pair = nested(_IFLA_LINKINFO, attribute(_INFO_KIND, b"veth"), nested(_INFO_DATA, far_end))
    near = attribute(_IFLA_IFNAME, _text(name)) + attribute(_IFLA_ADDRESS, hardware(mac))
    return Message(_NEW_LINK, CREATE | EXCLUSIVE, _IFINFO.pack(0, 0, 0, 0, 0) + near + pair, f"the cable {name}")


def link_flags(index: int, flags: int, change: int) -> Message:
    """Set those flags of a link that `change` names (IFF_…)."""
    return Message(_NEW_LINK, 0, _IFINFO.pack(0, 0, index, flags, change), f"flags of link {index}")


def no_link_local_address(index: int) -> Message:
    """Have the kernel make no IPv6 address for this link by itself."""
    mode = attribute(_INET6_ADDR_GEN_MODE, bytes([_ADDR_GEN_MODE_NONE]))
    body = _IFINFO.pack(0, 0, index, 0, 0) + nested(_IFLA_AF_SPEC, nested(socket.AF_INET6, mode))
    return Message(_NEW_LINK, 0, body, f"addr_gen_mode of link {index}")


def add_address(index: int, address: str, prefix_length: int) -> Message:
    """Give a link an IPv4 or IPv6 address."""
    family, octets = parse(address)
    body = _IFADDR.pack(family, prefix_length, 0, 0, index)
    body += attribute(_IFA_LOCAL, octets) + attribute(_IFA_ADDRESS, octets)
    return Message(_NEW_ADDRESS, CREATE | EXCLUSIVE, body, f"address {address}")


def add_neighbour(index: int, address: str, mac: str) -> Message:
    """Let the kernel know for ever at which hardware address `address` is."""
    family, octets = parse(address)
    body = _NEIGHBOUR.pack(family, index, _NUD_PERMANENT, 0, 0)
    body += attribute(_NDA_DST, octets) + attribute(_NDA_LLADDR, hardware(mac))
    return Message(_NEW_NEIGHBOUR, CREATE | EXCLUSIVE, body, f"neighbour {address}")


def add_default_route(gateway: str) -> Message:
    """Send everything that has no other route to `gateway`."""
    family, octets = parse(gateway)
    body = _ROUTE.pack(family, 0, 0, 0, _TABLE_MAIN, _PROTOCOL_STATIC, 0, _UNICAST, 0)
    return Message(_NEW_ROUTE, CREATE | EXCLUSIVE, body + attribute(_RTA_GATEWAY, octets), f"route by {gateway}")


def add_route(network: str, gateway: str) -> Message:
    """Send what is for `network`, an address and a prefix length, to `gateway`."""
    family, octets = parse(gateway)
    address, _, length = network.partition("/")
    body = _ROUTE.pack(family, int(length), 0, 0, _TABLE_MAIN, _PROTOCOL_STATIC, 0, _UNICAST, 0)
    body += attribute(_RTA_DST, parse(address)[1]) + attribute(_RTA_GATEWAY, octets)
    return Message(_NEW_ROUTE, CREATE | EXCLUSIVE, body, f"route to {network} by {gateway}")


def parse(address: str) -> tuple[int, bytes]:
    """An address's family and octets."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return int(family), socket.inet_pton(family, address)


def hardware(mac: str) -> bytes:
    """The octets of a hardware address."""
    return bytes.fromhex(mac.replace(":", ""))


def _text(name: str) -> bytes:
    return name.encode() + b"\0"
