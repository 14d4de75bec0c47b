"""Ports from the kernel's tables: a recorded table, and this machine's own."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pytest_netlab.lab import ports

HEADER = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
UDP = HEADER + b" 1056: 00000000:4E20 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0\n"
UDP6 = HEADER + (
    b"  871: 00000000000000000000000000000000:2710 00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 1 2 0 0\n"
)
TCP = HEADER + (
    b"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n"
    b"   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 20 4 30 10 -1\n"
)


class Recorded:
    """Tables as they were once read."""

    def __init__(self, **tables: bytes) -> None:
        self._tables = tables

    def read_net(self, name: str) -> bytes:
        return self._tables.get(name, HEADER)


class Here:
    """The tables of this process's own network."""

    def read_net(self, name: str) -> bytes:
        return Path("/proc/self/net", name).read_bytes()


def test_both_families_count() -> None:
    assert ports.bound(Recorded(udp=UDP, udp6=UDP6), "udp") == {20000, 10000}


def test_only_listening_sockets_listen() -> None:
    host = Recorded(tcp=TCP)
    assert ports.bound(host, "tcp") == {8080, 50000}
    assert ports.listening(host) == {8080}


def test_empty_and_cut_tables_hold_nothing() -> None:
    assert ports.bound(Recorded(), "udp") == set()
    assert ports.bound(Recorded(udp=b"", udp6=HEADER + b"  1: 00"), "udp") == set()


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["IPv4", "IPv6"]
)
def test_real_sockets_are_seen(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family, socket.SOCK_STREAM) as tcp:
        try:
            udp.bind((address, 0))
        except OSError as error:
            pytest.skip(f"no {address} here: {error}")
        tcp.bind((address, 0))
        port = tcp.getsockname()[1]
        assert udp.getsockname()[1] in ports.bound(Here(), "udp")
        assert port not in ports.listening(Here())
        tcp.listen()
        assert port in ports.listening(Here())
