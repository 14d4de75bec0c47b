"""What is inside the lab and what is not."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from pytest_netlab.errors import UsageError
from pytest_netlab.traffic.destinations import family_of, inside, on_link


@pytest.mark.parametrize(
    ("destination", "address"),
    [
        ("httpbin.org", "10.77.0.80"),
        ("scanme.nmap.org", "10.77.0.81"),
        ("localhost", "127.0.0.1"),
        ("127.5.5.5", "127.5.5.5"),
        ("8.8.8.8", "8.8.8.8"),
        ("FD00:77::1", "fd00:77::1"),
        ("::1", "::1"),
        ("10.78.9.1", "10.78.9.1"),
        ("fd00:78:9::1", "fd00:78:9::1"),
    ],
)
def test_inside(destination: str, address: str) -> None:
    assert inside(destination) == address
    assert inside(ip_address(address)) == address


@pytest.mark.parametrize(
    "destination",
    [
        "8.8.8.9",
        "8.8.4.4",
        "10.77.1.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::ffff:8.8.8.8",
        "10.79.0.1",
        "fd00:79::1",
    ],
)
def test_outside(destination: str) -> None:
    with pytest.raises(UsageError, match="is outside the lab"):
        inside(destination)


@pytest.mark.parametrize("destination", ["example.org", "", "8.8.8", "10.77.0.1 "])
def test_no_name_is_ever_looked_up(destination: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("asked DNS"))
    with pytest.raises(UsageError, match="neither an IP address nor a name of the lab"):
        inside(destination)


def test_a_frame_may_be_for_the_neighbours() -> None:
    assert on_link("ff02::1:ff00:1") == "ff02::1:ff00:1"
    for destination in ("ff05::1", "224.0.0.1", "fd00:79::1"):
        with pytest.raises(UsageError, match="is outside the lab"):
            on_link(destination)


def test_family() -> None:
    assert (family_of("8.8.8.8"), family_of("::1")) == (socket.AF_INET, socket.AF_INET6)
