"""Two network namespaces and the cable between them; or three, where the cable is cut in the middle.

Rules: every frame on the cable is final and countable. So checksum and segmentation offload are off on both
ends, neighbours are static, and IPv6 says nothing on its own (no link-local address, no duplicate address
detection, no multicast reports). There is no route out of either namespace.

pyroute2 speaks netlink; the two things it has no words for, ethtool's ioctls, are here.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any, Final

from pyroute2 import IPRoute

from pytest_netlab.lab import linux
from pytest_netlab.lab.addresses import INTERFACE, INTERNET, STUDENT, Interface
from pytest_netlab.lab.messages import HostName

_SIOCETHTOOL: Final = 0x8946
# linux/ethtool.h: transmit checksums, scatter-gather, TSO, GSO, GRO; receive checksums come last.
_OFFLOADS: Final = (0x17, 0x19, 0x1F, 0x24, 0x2C, 0x15)
_GET_LINK: Final = 0x0A
_IFF_NOARP: Final = 0x80
_IFA_F_TENTATIVE: Final = 0x40
_SIOCGIFFLAGS: Final = 0x8913
_IFF_RUNNING: Final = 0x40
_PATIENCE_S: Final = 2.0
_ADDR_GEN_MODE_NONE: Final = 1
_SILENT_IPV6: Final = {"attrs": [("AF_INET6", {"attrs": [("IFLA_INET6_ADDR_GEN_MODE", _ADDR_GEN_MODE_NONE)]})]}
_NUD_PERMANENT: Final = 0x80


def build(*, relayed: bool = False) -> dict[HostName, int]:
    """Build the network namespaces and the cable between the hosts; ends inside the student's.

    Args:
        relayed: cut the cable: its two halves end in a third namespace, as interfaces named after the hosts.

    Returns:
        File descriptors of the namespaces by name: student, internet, and cable where it is relayed.
    """
    networks: dict[HostName, int] = {}
    if relayed:
        networks["cable"] = _new_namespace()
    networks["internet"] = _new_namespace()
    if relayed:
        with IPRoute() as internet:
            _plug(internet, INTERNET, {"ifname": "internet", "net_ns_fd": networks["cable"]})
    networks["student"] = _new_namespace()
    with IPRoute() as student:
        if relayed:
            _plug(student, STUDENT, {"ifname": "student", "net_ns_fd": networks["cable"]})
            linux.setns(networks["cable"], linux.CLONE_NEWNET)
            _ready_to_relay("internet", "student")
            linux.setns(networks["student"], linux.CLONE_NEWNET)
        else:
            other = {"ifname": INTERFACE, "address": INTERNET.mac, "net_ns_fd": networks["internet"]}
            _plug(student, STUDENT, other)
        _configure(student, STUDENT)
        linux.setns(networks["internet"], linux.CLONE_NEWNET)
        with IPRoute() as internet:
            _configure(internet, INTERNET)
            _know_neighbours(internet, STUDENT)
            _await(_link_runs, "the cable has no carrier at the internet host")
        linux.setns(networks["student"], linux.CLONE_NEWNET)
        _know_neighbours(student, INTERNET)
        _await(_link_runs, "the cable has no carrier at the student host")
        student.route("add", dst="default", gateway=INTERNET.ipv4[0][0])
        student.route("add", dst="default", gateway=INTERNET.ipv6[0][0], family=socket.AF_INET6)
    if relayed:
        linux.setns(networks["cable"], linux.CLONE_NEWNET)
        _await(lambda: _link_runs("internet") and _link_runs("student"), "the cable's halves have no carrier")
        linux.setns(networks["student"], linux.CLONE_NEWNET)
    _let_everybody_ping()
    return networks


def warm_up() -> None:
    """Pay for netlink's first use here, once, instead of in every lab that is forked from this process."""
    with IPRoute() as route:
        route.get_links(index=1)


def _new_namespace() -> int:
    """Enter a fresh network namespace; its descriptor."""
    linux.unshare(linux.CLONE_NEWNET)
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _plug(route: Any, own: Interface, other_end: dict[str, Any]) -> None:
    """Make a veth pair: `eth0` here, its other end where `other_end` says."""
    route.link("add", ifname=INTERFACE, kind="veth", address=own.mac, peer=other_end)


def _ready_to_relay(*interfaces: str) -> None:
    """Set up the inner ends of a cut cable: up, without offload, and without a word or an address of their own."""
    with IPRoute() as route:
        for interface in interfaces:
            index = socket.if_nametoindex(interface)
            _offload_off(interface)
            route.link("set", index=index, flags=_IFF_NOARP, change=_IFF_NOARP, IFLA_AF_SPEC=_SILENT_IPV6)
            route.link("set", index=index, state="up")


def _configure(route: Any, own: Interface) -> None:
    """Addresses, and link up.

    The IPv6 addresses come first, while the interface is down and does not resolve addresses. Then the kernel
    joins no solicited-node group for them, and so never reports one. It decides that in a work item of its own,
    which must be over before resolving is switched back on.
    """
    index = socket.if_nametoindex(INTERFACE)
    _offload_off()
    route.link("set", index=1, state="up")
    route.link(
        "set",
        index=index,
        flags=_IFF_NOARP,
        change=_IFF_NOARP,
        IFLA_AF_SPEC=_SILENT_IPV6,
    )
    for address, length in own.ipv6:
        route.addr("add", index=index, address=address, prefixlen=length, family=socket.AF_INET6)
    _await(_no_address_is_tentative, "IPv6 addresses stay tentative")
    route.link("set", index=index, flags=0, change=_IFF_NOARP)
    for address, length in own.ipv4:
        route.addr("add", index=index, address=address, prefixlen=length)
    route.link("set", index=index, state="up")


def _let_everybody_ping() -> None:
    """Allow ICMP datagram sockets, as distributions do, so that a ping that uses one is not refused here alone."""
    with contextlib.suppress(OSError), open("/proc/sys/net/ipv4/ping_group_range", "w", encoding="ascii") as file:
        file.write("0 0")


def _know_neighbours(route: Any, other: Interface) -> None:
    index = socket.if_nametoindex(INTERFACE)
    for address, _ in other.ipv4 + other.ipv6:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        route.neigh("add", family=family, dst=address, lladdr=other.mac, ifindex=index, state=_NUD_PERMANENT)


def _await(holds: Callable[[], bool], otherwise: str) -> None:
    """Return when the kernel, in a work item of its own, has brought about what was asked for."""
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise OSError(errno.ETIMEDOUT, otherwise)
        os.sched_yield()


def _no_address_is_tentative() -> bool:
    """Whether duplicate address detection is over in this namespace (/proc/net/if_inet6, fifth column: flags)."""
    with open("/proc/self/net/if_inet6", encoding="ascii") as file:
        return not any(int(line.split()[4], 16) & _IFA_F_TENTATIVE for line in file)


def _link_runs(interface: str = INTERFACE) -> bool:
    """Whether an interface is operational: until then the kernel drops what is sent, without a word.

    Asking for the link state (ETHTOOL_GLINK) makes the kernel catch up with it, where it would take its time.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        _ethtool(control, _GET_LINK, interface)
        answer = fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("16sh14x", interface.encode(), 0))
    flags: int = struct.unpack_from("16xh", answer)[0]
    return bool(flags & _IFF_RUNNING)


def _offload_off(interface: str = INTERFACE) -> None:
    """Switch every offload of an interface off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in _OFFLOADS:
            _ethtool(control, command, interface)


def _ethtool(control: socket.socket, command: int, interface: str = INTERFACE) -> None:
    """One ethtool command with a struct ethtool_value of 0: to set it, or as room for an answer."""
    value = (ctypes.c_uint32 * 2)(command, 0)
    request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
    fcntl.ioctl(control, _SIOCETHTOOL, request)
