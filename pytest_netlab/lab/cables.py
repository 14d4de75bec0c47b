"""Cables: which two hosts each of them joins, and which addresses its ends have.

Owns: `Port`, one end; `Cable`; and `plan`, which gives a new cable its names, hardware addresses and addresses.

Rules: the two ends of a cable take the first two addresses of each of its networks, in the order in which the hosts
were named. The networks lie in `CABLES`: so whatever sends can tell, without asking a lab, what is inside one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_interface, ip_network
from typing import TYPE_CHECKING, Final

from pytest_netlab.errors import UsageError
from pytest_netlab.lab.addresses import CABLES, INTERFACE, INTERNET, STUDENT, Interface

if TYPE_CHECKING:
    from pytest_netlab.lab.host import Host

Network = IPv4Network | IPv6Network
MOST_CABLES: Final = 64
"""How many cables a lab may have, besides its first one."""


@dataclass(frozen=True, slots=True)
class Port:
    """One end of a cable.

    Attributes:
        host: whose it is.
        interface: its name there, such as `"eth1"`.
        mac: its hardware address.
        addresses: with prefix lengths, such as `("10.78.1.1", 24)`; IPv4 first.
    """

    host: Host
    interface: str
    mac: str
    addresses: tuple[tuple[str, int], ...]

    def __repr__(self) -> str:
        return f"<Port {self.interface}@{self.host.name} {' '.join(address for address, _ in self.addresses)}>"

    @property
    def address(self) -> str:
        """Its first IPv4 address; empty where it has none."""
        return next((address for address, _ in self.addresses if ":" not in address), "")

    @property
    def address6(self) -> str:
        """Its first IPv6 address; empty where it has none."""
        return next((address for address, _ in self.addresses if ":" in address), "")

    @property
    def networks(self) -> list[Network]:
        """The networks that it is in."""
        return [ip_interface(f"{address}/{length}").network for address, length in self.addresses]

    def reaches(self, destination: str) -> bool:
        """Whether `destination` is in one of its networks."""
        return any(ip_address(destination) in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable between two hosts.

    Attributes:
        ends: the end at the host that was named first, and the other one.
    """

    ends: tuple[Port, Port]

    def at(self, host: Host) -> Port:
        """The end at `host`.

        Raises:
            UsageError: the cable does not end there.
        """
        for port in self.ends:
            if port.host is host:
                return port
        raise UsageError(f"{self!r} does not end at {host.name}")

    def far_from(self, host: Host) -> Port:
        """The end that is not at `host`."""
        return self.ends[1] if self.at(host) is self.ends[0] else self.ends[0]


def first(student: Host, internet: Host) -> Cable:
    """The cable that every lab has."""
    return Cable((_port(student, STUDENT), _port(internet, INTERNET)))


def _port(host: Host, interface: Interface) -> Port:
    return Port(host, INTERFACE, interface.mac, interface.ipv4 + interface.ipv6)


def plan(one: Host, other: Host, networks: tuple[str, ...], taken: Iterable[Cable], number: int) -> Cable:
    """What a new cable is like.

    Args:
        one, other: the hosts.
        networks: such as `"10.78.5.0/24"`; without any, one of IPv4 and one of IPv6 are chosen.
        taken: the cables that there are.
        number: of the new one, from 1.

    Raises:
        UsageError: a network is none, lies elsewhere, is too small or in use.
    """
    if one is other:
        raise UsageError(f"a cable joins two hosts; both its ends would be at {one.name}")
    if number > MOST_CABLES:
        raise UsageError(f"a lab has at most {MOST_CABLES} cables")
    chosen = [_network(each) for each in networks or (f"10.78.{number}.0/24", f"fd00:78:{number:x}::/64")]
    used = [network for cable in taken for network in cable.ends[0].networks]
    for index, network in enumerate(chosen):
        for rival in used + chosen[:index]:
            if network.version == rival.version and network.overlaps(rival):
                raise UsageError(f"{network} overlaps {rival}, which another cable of this lab has")
    chosen.sort(key=lambda network: network.version)
    ends = [
        Port(
            host,
            f"eth{len(host.ports)}",
            f"02:00:0a:4e:{number:02x}:{place:02x}",
            tuple((str(network[place]), network.prefixlen) for network in chosen),
        )
        for place, host in ((1, one), (2, other))
    ]
    return Cable((ends[0], ends[1]))


def _network(text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no network: {error}") from None
    if not any(network.version == room.version and network.subnet_of(room) for room in CABLES):  # type: ignore[arg-type]
        raise UsageError(f"{network} is outside the lab: networks of cables lie in {' and '.join(map(str, CABLES))}")
    if network.num_addresses < 4:
        raise UsageError(f"{network} is too small: a cable needs two addresses besides the first and the last one")
    return network
