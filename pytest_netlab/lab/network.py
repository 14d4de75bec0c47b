"""Two network namespaces and the cable between them.

Rules: every frame on the cable is final and countable. So checksum and segmentation offload are off on both
ends, neighbours are static, and IPv6 says nothing on its own (no link-local address, no duplicate address
detection, no multicast reports). There is no route out of either namespace.

pyroute2 speaks netlink; the two things it has no words for, ethtool's ioctls, are here.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from typing import Any, Final

from pyroute2 import IPRoute

from pytest_netlab.lab import linux
from pytest_netlab.lab.addresses import INTERFACE, INTERNET, STUDENT, Interface

_SIOCETHTOOL: Final = 0x8946
# linux/ethtool.h: transmit checksums, scatter-gather, TSO, GSO, GRO; receive checksums come last.
_OFFLOADS: Final = (0x17, 0x19, 0x1F, 0x24, 0x2C, 0x15)
_IFF_NOARP: Final = 0x80
_IFA_F_NODAD: Final = 0x02
_ADDR_GEN_MODE_NONE: Final = 1
_NUD_PERMANENT: Final = 0x80


def build_cable() -> tuple[int, int]:
    """Build both network namespaces and their cable; ends inside the student's.

    Returns:
        File descriptors of the namespaces: student, internet.
    """
    linux.unshare(linux.CLONE_NEWNET)
    internet_fd = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    linux.unshare(linux.CLONE_NEWNET)
    student_fd = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    with IPRoute() as route:
        route.link(
            "add",
            ifname=INTERFACE,
            kind="veth",
            address=STUDENT.mac,
            peer={"ifname": INTERFACE, "address": INTERNET.mac, "net_ns_fd": internet_fd},
        )
        _bring_up(route, STUDENT)
        linux.setns(internet_fd, linux.CLONE_NEWNET)
        with IPRoute() as peer_route:
            _bring_up(peer_route, INTERNET)
            _know_neighbours(peer_route, STUDENT)
        linux.setns(student_fd, linux.CLONE_NEWNET)
        _know_neighbours(route, INTERNET)
        route.route("add", dst="default", gateway=INTERNET.ipv4[0][0])
        route.route("add", dst="default", gateway=INTERNET.ipv6[0][0], family=socket.AF_INET6)
    return student_fd, internet_fd


def warm_up() -> None:
    """Pay for netlink's first use here, once, instead of in every lab that is forked from this process."""
    with IPRoute() as route:
        route.get_links(index=1)


def _bring_up(route: Any, interface: Interface) -> None:
    index = socket.if_nametoindex(INTERFACE)
    _offload_off()
    route.link("set", index=1, state="up")
    # While the interface does not resolve addresses, IPv6 joins no solicited-node group and reports none.
    route.link(
        "set",
        index=index,
        flags=_IFF_NOARP,
        change=_IFF_NOARP,
        IFLA_AF_SPEC={"attrs": [("AF_INET6", {"attrs": [("IFLA_INET6_ADDR_GEN_MODE", _ADDR_GEN_MODE_NONE)]})]},
    )
    for address, length in interface.ipv4:
        route.addr("add", index=index, address=address, prefixlen=length)
    for address, length in interface.ipv6:
        route.addr(
            "add", index=index, address=address, prefixlen=length, family=socket.AF_INET6, IFA_FLAGS=_IFA_F_NODAD
        )
    route.link("set", index=index, state="up")
    route.link("set", index=index, flags=0, change=_IFF_NOARP)


def _know_neighbours(route: Any, other: Interface) -> None:
    index = socket.if_nametoindex(INTERFACE)
    for address, _ in other.ipv4 + other.ipv6:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        route.neigh("add", family=family, dst=address, lladdr=other.mac, ifindex=index, state=_NUD_PERMANENT)


def _offload_off() -> None:
    """Switch every offload of `eth0` off (ETHTOOL_S… with a struct ethtool_value of 0)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in _OFFLOADS:
            value = bytearray(struct.pack("II", command, 0))
            request = _ifreq_pointing_at(value)
            fcntl.ioctl(control, _SIOCETHTOOL, request)


def _ifreq_pointing_at(value: bytearray) -> bytes:
    buffer = (ctypes.c_char * len(value)).from_buffer(value)
    return struct.pack("16sP16x", INTERFACE.encode(), ctypes.addressof(buffer))
