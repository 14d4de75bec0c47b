"""The lab's plan: two hosts, one cable, these names and addresses, and room for more. Nothing else is reachable.

student   eth0 10.77.0.2/24, fd00:77::2/64, default route via the peer    the program under test
internet  eth0 10.77.0.1/24, fd00:77::1/64, 8.8.8.8, 10.77.0.80, .81      the grader's peers
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, NamedTuple


class Interface(NamedTuple):
    """One end of the cable: its hardware address and its addresses with prefix lengths."""

    mac: str
    ipv4: tuple[tuple[str, int], ...]
    ipv6: tuple[tuple[str, int], ...]


INTERFACE: Final = "eth0"

STUDENT: Final = Interface(
    mac="02:00:0a:4d:00:02",
    ipv4=(("10.77.0.2", 24),),
    ipv6=(("fd00:77::2", 64),),
)
INTERNET: Final = Interface(
    mac="02:00:0a:4d:00:01",
    ipv4=(("10.77.0.1", 24), ("8.8.8.8", 32), ("10.77.0.80", 32), ("10.77.0.81", 32)),
    ipv6=(("fd00:77::1", 64),),
)

NAMES: Final = {
    "httpbin.org": "10.77.0.80",
    "scanme.nmap.org": "10.77.0.81",
}
"""Public names that exercises use, and where the lab keeps them."""


CABLES: Final[tuple[IPv4Network | IPv6Network, ...]] = (ip_network("10.78.0.0/16"), ip_network("fd00:78::/32"))
"""Where the networks of the cables lie that a test adds."""


def host_names() -> dict[str, str]:
    """Address to name, for people who read a recording."""
    hosts = {address: host for host, interface in _HOSTS.items() for address, _ in interface.ipv4 + interface.ipv6}
    return hosts | {address: name for name, address in NAMES.items()}


_HOSTS: Final = {"student": STUDENT, "internet": INTERNET}
