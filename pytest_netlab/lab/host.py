"""A host of a lab: a place where sockets are made, with the ends of its cables and the routes that it was given."""

from __future__ import annotations

import os
import socket
import threading
import time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import ports
from pytest_netlab.lab.cables import Cable, Network, Port
from pytest_netlab.lab.messages import AddRoute, OpenNet

if TYPE_CHECKING:
    from pytest_netlab.lab.lab import Lab

_NET_TABLE_BYTES: Final = 1 << 20
_LOOK_AGAIN_S: Final = 0.005


class Way(NamedTuple):
    """How a packet leaves a host.

    Attributes:
        port: where.
        next_mac: hardware address of who takes it there.
    """

    port: Port
    next_mac: str


class Host:
    """One host of a lab: a place where sockets are made.

    Attributes:
        name: `"student"`, `"internet"`, or what `Lab.host` was told.
        cables: those that end here, in the order in which they were connected.
    """

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self.name = name
        self.cables: list[Cable] = []
        self._routes: list[tuple[Network, str]] = []
        self._tables: dict[str, int] = {}
        self._opening = threading.Lock()

    def __repr__(self) -> str:
        return f"<Host {' '.join([self.name, *(port.address or port.address6 for port in self.ports)])}>"

    @property
    def ports(self) -> list[Port]:
        """Its ends of the cables: `eth0`, `eth1` and so on."""
        return [cable.at(self) for cable in self.cables]

    @property
    def address(self) -> str:
        """Its first IPv4 address. Raises `UsageError` where it has none."""
        return self._first("address", "IPv4 address")

    @property
    def address6(self) -> str:
        """Its first IPv6 address. Raises `UsageError` where it has none."""
        return self._first("address6", "IPv6 address")

    @property
    def mac(self) -> str:
        """The hardware address of its `eth0`. Raises `UsageError` before it is connected."""
        return self._first("mac", "hardware address")

    def address_towards(self, other: Host) -> str:
        """Its IPv4 address on the cable to `other`; of IPv6 where that has no other.

        Raises:
            UsageError: no cable joins them.
        """
        port = self._cable_to(other).at(self)
        return port.address or port.address6

    def socket(self, family: int, type: int, protocol: int = 0) -> socket.socket:
        """A socket in this host's network namespace. The lab closes it with itself, where the caller has not.

        Raises:
            OSError: the kernel refused.
        """
        return self._lab.socket(self.name, family, type, protocol)

    def add_route(self, network: str, via: Host) -> None:
        """Send what is for `network` to a neighbour.

        Args:
            network: such as `"10.78.2.0/24"` or `"fd00:78:2::/64"`; `"0.0.0.0/0"` and `"::/0"` are everything.
            via: a host that a cable joins with this one.

        Raises:
            UsageError: no such network, no cable to `via`, or none with addresses of this family.
            OSError: the kernel refused; there is such a route already.
        """
        try:
            wanted = ip_network(network)
        except ValueError as error:
            raise UsageError(f"{network!r} is no network: {error}") from None
        neighbour = self._cable_to(via).far_from(self)
        gateway = neighbour.address if wanted.version == 4 else neighbour.address6
        if not gateway:
            raise UsageError(f"the cable from {self.name} to {via.name} has no IPv{wanted.version} addresses")
        self._lab.request(AddRoute(self.name, str(wanted), gateway))
        self._routes.append((wanted, gateway))

    def holds(self, address: str) -> bool:
        """Whether `address` is one of its own, loopback included."""
        own = {each for port in self.ports for each, _ in port.addresses}
        return address in own or ip_address(address).is_loopback

    def source_for(self, destination: str) -> str:
        """The address that this host's kernel would send from to `destination`.

        Raises:
            UsageError: the cable there has no addresses of this family.
        """
        if self.holds(destination):
            return destination
        port = self.way_to(destination).port
        if source := port.address6 if ":" in destination else port.address:
            return source
        raise UsageError(f"{self.name} reaches {destination} by {port.interface}, which has no address of its family")

    def way_to(self, destination: str) -> Way:
        """How this host sends to another one's address: by its networks, its routes, else by its first cable."""
        there = ip_address(destination)
        routes = [route for route in self._routes if there.version == route[0].version and there in route[0]]
        hop = destination
        if routes and not any(port.reaches(destination) for port in self.ports):
            hop = max(routes, key=lambda route: route[0].prefixlen)[1]
        for cable in self.cables:
            if cable.at(self).reaches(hop):
                return Way(cable.at(self), cable.far_from(self).mac)
        if not self.cables:
            raise UsageError(f"{self.name} has no cable yet: lab.connect({self.name}, …)")
        return Way(self.cables[0].at(self), self.cables[0].far_from(self).mac)

    def read_net(self, name: str) -> bytes:
        """The kernel's table /proc/net/`name` as this host sees it now, such as `"udp"` or `"dev"`."""
        with self._opening:  # two taps that ask at the same time must not both open it
            if name not in self._tables:
                self._tables[name] = self._lab.request(OpenNet(self.name, name))[0]
        parts: list[bytes] = []
        offset = 0
        while part := os.pread(self._tables[name], _NET_TABLE_BYTES, offset):
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def await_port(self, protocol: Literal["udp", "tcp"], port: int, timeout_s: float = 10.0) -> None:
        """Wait until a program or a server of this host has bound a UDP port, or listens on a TCP port.

        Args:
            protocol: `"udp"` or `"tcp"`.
            port: on whatever address.
            timeout_s: the longest wait, in seconds.

        Raises:
            TimeoutError: nobody did; names the ports that are taken instead.
        """
        deadline = time.monotonic() + timeout_s
        while port not in (seen := ports.listening(self) if protocol == "tcp" else ports.bound(self, "udp")):
            if time.monotonic() > deadline:
                instead = ", ".join(map(str, sorted(seen))) or "none"
                raise TimeoutError(
                    f"nobody holds {protocol} port {port} of {self.name} within {timeout_s:g} s; ports held: {instead}"
                )
            time.sleep(_LOOK_AGAIN_S)  # the kernel tells nobody that a port was bound

    def close(self) -> None:
        """Close the tables that were read."""
        for fd in self._tables.values():
            os.close(fd)
        self._tables.clear()

    def _first(self, what: str, called: str) -> str:
        for port in self.ports:
            if found := str(getattr(port, what)):
                return found
        raise UsageError(f"{self.name} has no {called}: lab.connect({self.name}, …) gives it one")

    def _cable_to(self, other: Host) -> Cable:
        for cable in self.cables:
            if other is not self and any(port.host is other for port in cable.ends):
                return cable
        raise UsageError(f"no cable joins {self.name} and {other.name}: lab.connect({self.name}, {other.name})")
