"""Further hosts and cables of a lab, made when a test asks for them, by the same steps as the first ones (`network`).

Every function here begins and ends in the student host's network namespace, and leaves it in between.

A router says nothing by itself either. The kernel has a device of a router join the group of all routers, and report
that, where the device forwards IPv6. What decides whether a host forwards is not its devices but `all`; so that one
is switched on, and `default`, which new devices inherit, off again.
"""

from __future__ import annotations

import os
import socket

from pytest_netlab.lab import linux, network, rtnetlink
from pytest_netlab.lab.addresses import Interface
from pytest_netlab.lab.messages import End
from pytest_netlab.lab.netlink import Netlink

_FORWARDING = (("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "1"), ("ipv6/conf/default/forwarding", "0"))
_LO = 1

Networks = dict[str, int]
"""Descriptors of network namespaces, by host."""


def new_host(networks: Networks, name: str, *, forwards: bool) -> None:
    """Make a network namespace with nothing but its `lo`, and add it to `networks`.

    Raises:
        OSError: /proc/sys is read-only here, so that nothing can be made to forward.
    """
    made = network.new_namespace()
    try:
        with Netlink(socket.NETLINK_ROUTE) as route:
            route.ask([rtnetlink.link_flags(_LO, rtnetlink.IFF_UP, rtnetlink.IFF_UP)])
        if forwards:
            _forward(name)
        network.let_everybody_ping()
    except OSError:
        os.close(made)
        raise
    finally:
        linux.setns(networks["student"], linux.CLONE_NEWNET)
    networks[name] = made


def _forward(name: str) -> None:
    for setting, value in _FORWARDING:
        try:
            with open(f"/proc/sys/net/{setting}", "w", encoding="ascii") as file:
                file.write(value)
        except OSError as error:
            raise OSError(error.errno, f"{name} cannot forward: /proc/sys/net/{setting}: {error.strerror}") from None


def connect(networks: Networks, one: End, other: End) -> None:
    """Lay a cable, and return when it carries frames.

    Raises:
        OSError: the kernel refused, or took longer than anybody waits.
    """
    _enter(networks, one)
    try:
        with Netlink(socket.NETLINK_ROUTE) as near:
            near.ask([rtnetlink.veth(one.interface, one.mac, other.interface, networks[other.host], other.mac)])
            network.give_ipv6(near, _interface(one), one.interface)
            _enter(networks, other)
            with Netlink(socket.NETLINK_ROUTE) as far:
                network.give_ipv6(far, _interface(other), other.interface)
                _settled(other)
                network.bring_up(far, _interface(other), _interface(one), other.interface)
            _enter(networks, one)
            _settled(one)
            network.bring_up(near, _interface(one), _interface(other), one.interface)
        _running(one)
        _enter(networks, other)
        _running(other)
    finally:
        linux.setns(networks["student"], linux.CLONE_NEWNET)


def add_route(destination: str, gateway: str) -> None:
    """Add a route to the host that the caller is in."""
    with Netlink(socket.NETLINK_ROUTE) as route:
        route.ask([rtnetlink.add_route(destination, gateway)])


def _enter(networks: Networks, end: End) -> None:
    linux.setns(networks[end.host], linux.CLONE_NEWNET)


def _interface(end: End) -> Interface:
    ipv4 = tuple(each for each in end.addresses if ":" not in each[0])
    return Interface(end.mac, ipv4, tuple(each for each in end.addresses if ":" in each[0]))


def _settled(end: End) -> None:
    network.wait_until(network.no_address_is_tentative, f"IPv6 addresses stay tentative at {end.host}")


def _running(end: End) -> None:
    network.wait_until(lambda: network.link_runs(end.interface), f"{end.interface} has no carrier at {end.host}")
