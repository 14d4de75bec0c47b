"""Where traffic may go: to the lab's own addresses and to loopback, and nowhere else.

Names are looked up in the lab's plan and never in DNS. So nothing that sends can be talked into asking a
real name server or reaching a real address, whichever namespace its socket is in.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface
from typing import Final

from pytest_netlab.errors import UsageError
from pytest_netlab.lab.addresses import CABLES, INTERNET, NAMES, STUDENT

Address = tuple[str, int]
"""A numeric IP address and a port."""

_NETWORKS: Final = (
    *(
        ip_interface(f"{address}/{length}").network
        for interface in (STUDENT, INTERNET)
        for address, length in interface.ipv4 + interface.ipv6
    ),
    *CABLES,
)


def inside(destination: str | IPv4Address | IPv6Address) -> str:
    """The numeric address of `destination`, which must be in the lab.

    Args:
        destination: an IPv4 or IPv6 address, one of the lab's names, or `localhost`.

    Raises:
        UsageError: it is no address of the lab.
    """
    text = "127.0.0.1" if destination == "localhost" else NAMES.get(str(destination), str(destination))
    try:
        address = ip_address(text)
    except ValueError:
        raise UsageError(
            f"{destination!s} is neither an IP address nor a name of the lab ({', '.join(NAMES)}, localhost)"
        ) from None
    if address.is_loopback or any(address in network for network in _NETWORKS):
        return str(address)
    raise UsageError(
        f"{address} is outside the lab: nothing is sent there. "
        f"The lab holds {', '.join(map(str, _NETWORKS))} and loopback"
    )


def on_link(destination: str) -> str:
    """As `inside`, for a frame: multicast to the neighbours (ff02::/16), which no router forwards, is inside too.

    Raises:
        UsageError: it is no address of the lab.
    """
    return destination if destination.lower().startswith("ff02:") else inside(destination)


def family_of(address: str) -> socket.AddressFamily:
    """AF_INET or AF_INET6, as the numeric `address` asks for."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET
