"""Packet and raw sockets from the kernel's tables."""

from __future__ import annotations

from pytest_netlab.lab.sniffers import Sniffer, packet_sockets, raw_sockets

PACKET = (
    b"sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"
    b"0000000092ec48d7 3      3    0003   2     1 60736  0      602955\n"
    b"00000000aa000001 3      2    0800   0     1 0      1000   602956\n"
    b"00000000aa000002 2      3    0000   0     0 0      0      602957\n"
)
RAW = (
    b"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref\n"
    b"  49: 00000000:00FD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 602958 2 0 0\n"
)


class Recorded:
    """Tables as they were once read."""

    def __init__(self, **tables: bytes) -> None:
        self._tables = tables

    def read_net(self, name: str) -> bytes:
        return self._tables[name]


def test_packet_sockets() -> None:
    assert packet_sockets(Recorded(packet=PACKET)) == {
        602955: Sniffer(602955, interface=2, running=True, unread=60736),
        602956: Sniffer(602956, interface=0, running=True, unread=0),
        602957: Sniffer(602957, interface=0, running=False, unread=0),
    }


def test_raw_sockets() -> None:
    assert raw_sockets(Recorded(raw=RAW)) == {602958}


def test_empty_and_cut_tables_hold_nothing() -> None:
    assert packet_sockets(Recorded(packet=b"")) == {}
    assert packet_sockets(Recorded(packet=PACKET[:100])) == {}
    assert raw_sockets(Recorded(raw=RAW[:150])) == set()
