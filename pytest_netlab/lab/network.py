"""Two network namespaces and the cable between them; or three, where the cable is cut in the middle.

Rules: every frame on the cable is final and countable. So checksum and segmentation offload are off on both
ends, neighbours are static, and IPv6 says nothing on its own (no link-local address, no duplicate address
detection, no multicast reports). There is no route out of either namespace.

Links and addresses are made by netlink (`rtnetlink`); the two things that take an ioctl, ethtool's, are here.
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
from typing import Final

from pytest_netlab.lab import linux, rtnetlink
from pytest_netlab.lab.addresses import INTERFACE, INTERNET, STUDENT, Interface
from pytest_netlab.lab.messages import HostName
from pytest_netlab.lab.netlink import Netlink
from pytest_netlab.lab.rtnetlink import IFF_NOARP, IFF_UP

_SIOCETHTOOL: Final = 0x8946
# linux/ethtool.h: transmit checksums, scatter-gather, TSO, GSO, GRO; receive checksums come last.
_OFFLOADS: Final = (0x17, 0x19, 0x1F, 0x24, 0x2C, 0x15)
_GET_LINK: Final = 0x0A
_IFA_F_TENTATIVE: Final = 0x40
_SIOCGIFFLAGS: Final = 0x8913
_IFF_RUNNING: Final = 0x40
_PATIENCE_S: Final = 2.0
_LOOK_AGAIN_S: Final = 0.0003  # looking without a pause would take the processor from the worker that is waited for
_LO: Final = 1


def build(*, relayed: bool = False) -> dict[HostName, int]:
    """Build the network namespaces and the cable between the hosts; ends inside the student's.

    Args:
        relayed: cut the cable: its two halves end in a third namespace, as interfaces named after the hosts.

    Returns:
        File descriptors of the namespaces by name: student, internet, and cable where it is relayed.
    """
    networks: dict[HostName, int] = {}
    if relayed:
        networks["cable"] = new_namespace()
    networks["internet"] = new_namespace()
    if relayed:
        with Netlink(socket.NETLINK_ROUTE) as internet:
            internet.ask([rtnetlink.veth(INTERFACE, INTERNET.mac, peer="internet", netns=networks["cable"])])
    networks["student"] = new_namespace()
    with Netlink(socket.NETLINK_ROUTE) as student:
        if relayed:
            student.ask([rtnetlink.veth(INTERFACE, STUDENT.mac, peer="student", netns=networks["cable"])])
            linux.setns(networks["cable"], linux.CLONE_NEWNET)
            _ready_to_relay("internet", "student")
            linux.setns(networks["student"], linux.CLONE_NEWNET)
        else:
            other_end = (INTERFACE, networks["internet"], INTERNET.mac)
            student.ask([rtnetlink.veth(INTERFACE, STUDENT.mac, *other_end)])
        _settle(student, networks)
    if relayed:
        linux.setns(networks["cable"], linux.CLONE_NEWNET)
        wait_until(lambda: link_runs("internet") and link_runs("student"), "the cable's halves have no carrier")
        linux.setns(networks["student"], linux.CLONE_NEWNET)
    let_everybody_ping()
    return networks


def _settle(student: Netlink, networks: dict[HostName, int]) -> None:
    """Addresses, neighbours, routes, and links up, at both hosts; begins and ends inside the student's.

    Where the kernel takes its time at one host, the other one is worked on.
    """
    give_ipv6(student, STUDENT)
    linux.setns(networks["internet"], linux.CLONE_NEWNET)
    _route_nothing()
    with Netlink(socket.NETLINK_ROUTE) as internet:
        give_ipv6(internet, INTERNET)
        wait_until(no_address_is_tentative, "IPv6 addresses stay tentative at the internet host")
        bring_up(internet, INTERNET, STUDENT)
    linux.setns(networks["student"], linux.CLONE_NEWNET)
    wait_until(no_address_is_tentative, "IPv6 addresses stay tentative at the student host")
    bring_up(student, STUDENT, INTERNET)
    wait_until(link_runs, "the cable has no carrier at the student host")
    linux.setns(networks["internet"], linux.CLONE_NEWNET)
    wait_until(link_runs, "the cable has no carrier at the internet host")
    linux.setns(networks["student"], linux.CLONE_NEWNET)
    gateways = (INTERNET.ipv4[0][0], INTERNET.ipv6[0][0])
    student.ask([rtnetlink.add_default_route(gateway) for gateway in gateways])


def new_namespace() -> int:
    """Enter a fresh network namespace; its descriptor."""
    linux.unshare(linux.CLONE_NEWNET)
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _ready_to_relay(*interfaces: str) -> None:
    """Set up the inner ends of a cut cable: up, without offload, and without a word or an address of their own."""
    with Netlink(socket.NETLINK_ROUTE) as route:
        for interface in interfaces:
            index = socket.if_nametoindex(interface)
            _offload_off(interface)
            silent = [rtnetlink.link_flags(index, IFF_NOARP, IFF_NOARP), rtnetlink.no_link_local_address(index)]
            route.ask([*silent, rtnetlink.link_flags(index, IFF_UP, IFF_UP)])


def give_ipv6(route: Netlink, own: Interface, interface: str = INTERFACE) -> None:
    """IPv6 addresses, while the interface is down and does not resolve addresses.

    Then the kernel joins no solicited-node group for them, and so never reports one. It decides that in a work item
    of its own, which must be over before resolving is switched back on (`bring_up`).
    """
    index = socket.if_nametoindex(interface)
    _offload_off(interface)
    route.ask(
        [
            rtnetlink.link_flags(_LO, IFF_UP, IFF_UP),
            rtnetlink.link_flags(index, IFF_NOARP, IFF_NOARP),
            rtnetlink.no_link_local_address(index),
            *(rtnetlink.add_address(index, *address) for address in own.ipv6),
        ]
    )


def bring_up(route: Netlink, own: Interface, other: Interface, interface: str = INTERFACE) -> None:
    """IPv4 addresses, link up, and where the other host's addresses are."""
    index = socket.if_nametoindex(interface)
    route.ask(
        [
            rtnetlink.link_flags(index, 0, IFF_NOARP),
            *(rtnetlink.add_address(index, *address) for address in own.ipv4),
            rtnetlink.link_flags(index, IFF_UP, IFF_UP),
            *(rtnetlink.add_neighbour(index, address, other.mac) for address, _ in other.ipv4 + other.ipv6),
        ]
    )


def let_everybody_ping() -> None:
    """Allow ICMP datagram sockets, as distributions do, so that a ping that uses one is not refused here alone."""
    with contextlib.suppress(OSError), open("/proc/sys/net/ipv4/ping_group_range", "w", encoding="ascii") as file:
        file.write("0 0")


def _route_nothing() -> None:
    """Be no router, also where this machine is one: a namespace inherits that, and would answer as one."""
    with contextlib.suppress(OSError), open("/proc/sys/net/ipv4/ip_forward", "r+", encoding="ascii") as file:
        if file.read().strip() != "0":
            file.seek(0)
            file.write("0")


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    """Return when the kernel, in a work item of its own, has brought about what was asked for."""
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise OSError(errno.ETIMEDOUT, otherwise)
        time.sleep(_LOOK_AGAIN_S)  # it tells nobody when it has


def no_address_is_tentative() -> bool:
    """Whether duplicate address detection is over in this namespace (/proc/net/if_inet6, fifth column: flags)."""
    with open("/proc/self/net/if_inet6", encoding="ascii") as file:
        return not any(int(line.split()[4], 16) & _IFA_F_TENTATIVE for line in file)


def link_runs(interface: str = INTERFACE) -> bool:
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
