"""Scapy in the lab: the one module that imports it, and not before it is used.

Scapy builds and dissects; the sockets are the host's. So the test process needs no privilege, and Scapy's own
routes, interfaces and neighbours, which are this machine's and not the lab's, are never asked:

- A source address that the packet leaves open is that of the host; so are missing hardware addresses.
- What goes to another host leaves through `eth0` as a frame, every byte as Scapy built it. What goes to the
  host itself passes `lo` through a raw IP socket, and there the kernel writes total length, header checksum
  and a zero identification (raw(7)): it does not accept frames for 127.0.0.1.
- Answers are awaited here: Scapy 2.8's own `sndrcv` was seen to wait for ever, beyond its timeout.
- Only `scapy.layers.inet` is imported (0.15–0.5 s; `scapy.all` takes twice as long). A test that wants
  further layers imports them itself, and they are dissected from then on.
"""

from __future__ import annotations

import functools
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple, Self

from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.lab.addresses import INTERFACE
from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.closing import Closing
from pytest_netlab.traffic.craft import BROADCAST_MAC, mac_bytes
from pytest_netlab.traffic.destinations import inside, on_link
from pytest_netlab.traffic.peer import Peer
from pytest_netlab.traffic.raw import FrameSocket, RawSocket, destination_of_frame, frame_socket, frames_lost
from pytest_netlab.traffic.sockets import LARGEST_PACKET
from pytest_netlab.traffic.waiting import HasFileno, wait_readable

Packet = Any
"""A Scapy packet. Scapy's own type cannot be named here without importing it."""

LOOPBACK: Final = "lo"
_OLDEST: Final = (2, 8)
_SO_TIMESTAMPNS: Final = 35
_IPV4, _IPV6 = 0x0800, 0x86DD


class ScapySender(Closing):
    """Sends Scapy packets from a host, and waits for answers.

    Args:
        host: from where. Its sockets are made when they are first needed.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._frames: dict[str, FrameSocket] = {}
        self._raw: dict[int, RawSocket] = {}

    def send(self, packets: Packet | Iterable[Packet]) -> list[Packet]:
        """Send IP or IPv6 packets.

        Args:
            packets: one (which may stand for a set of packets, as in Scapy) or several.

        Returns:
            The packets as they were sent, with every field computed.

        Raises:
            UsageError: a destination is outside the lab, it is no IP packet, or Scapy is missing.
        """
        ready = [self._addressed(packet) for packet in _each(packets)]
        for packet in ready:
            self._send_one(packet)
        return ready

    def sendp(self, frames: Packet | Iterable[Packet], interface: str = INTERFACE) -> list[Packet]:
        """Send Ethernet frames through `interface`; otherwise as `send`."""
        ready = [self._framed(frame, interface) for frame in _each(frames)]
        sock = self._frame_socket(interface)
        for frame in ready:
            sock.send(bytes(frame))
        return ready

    def sr(
        self, packets: Packet | Iterable[Packet], timeout_s: float = 2.0, until_ended: HasFileno | None = None
    ) -> tuple[list[tuple[Packet, Packet]], list[Packet]]:
        """Send IP or IPv6 packets and collect the first answer to each.

        Args:
            timeout_s: how long to wait for answers, in seconds, counted from the last packet sent.
            until_ended: a program whose end also ends the waiting.

        Returns:
            Pairs of packet and answer, in the order of the answers; and the packets without an answer.
        """
        ready = [self._addressed(packet) for packet in _each(packets)]
        with _Ears(self._host, {self._way_to(packet) for packet in ready}) as ears:
            for packet in ready:
                self._send_one(packet)
            return ears.pair(ready, timeout_s, until_ended)

    def sr1(self, packet: Packet, timeout_s: float = 2.0, until_ended: HasFileno | None = None) -> Packet | None:
        """Send one packet, or a set of them, and return the first answer; None when there is none in time."""
        answered, _ = self.sr(packet, timeout_s, until_ended)
        return answered[0][1] if answered else None

    def close(self) -> None:
        """Close the sockets."""
        for sock in (*self._frames.values(), *self._raw.values()):
            sock.close()
        self._frames.clear()
        self._raw.clear()

    def _addressed(self, packet: Packet) -> Packet:
        """The packet built, with a source, as its receiver will dissect it."""
        scapy = _scapy()
        if not isinstance(packet, scapy.ip) and packet.name != "IPv6":
            raise UsageError(f"send and sr take IP or IPv6, not {packet.name}; for frames there is sendp")
        destination = inside(packet.dst)
        if "src" not in packet.fields:
            packet.src = self._host.source_for(destination)
        built = type(packet)(bytes(packet))
        built.time = packet.time
        return built

    def _framed(self, frame: Packet, interface: str) -> Packet:
        scapy = _scapy()
        if not isinstance(frame, scapy.ether):
            raise UsageError(f"sendp takes Ethernet, not {frame.name}; for IP packets there is send")
        inner = frame.payload
        own, far = self._macs(interface)
        if (isinstance(inner, scapy.ip) or inner.name == "IPv6") and "src" not in inner.fields:
            inner.src = self._host.source_for(on_link(inner.dst))
        if isinstance(inner, scapy.arp):
            inner.fields.setdefault("hwsrc", own)
            inner.fields.setdefault("psrc", self._host.address)
        if "src" not in frame.fields:
            frame.src = own
        if "dst" not in frame.fields:
            frame.dst = BROADCAST_MAC if isinstance(inner, scapy.arp) else far
        built = scapy.ether(bytes(frame))
        destination_of_frame(bytes(built))
        return built

    def _macs(self, interface: str) -> tuple[str, str]:
        """Hardware addresses of an interface and of the other end of its cable; of the first cable for `lo`."""
        ends = {cable.at(self._host).interface: cable for cable in self._host.cables}
        cable = ends.get(interface, self._host.cables[0])
        return cable.at(self._host).mac, cable.far_from(self._host).mac

    def _way_to(self, packet: Packet) -> str:
        destination = inside(packet.dst)
        return LOOPBACK if self._host.holds(destination) else self._host.way_to(destination).port.interface

    def _send_one(self, packet: Packet) -> None:
        data = bytes(packet)
        packet.sent_time = time.time()
        version = data[0] >> 4
        if self._way_to(packet) == LOOPBACK:
            self._raw_socket(version).send(data)
            return
        way = self._host.way_to(inside(packet.dst))
        ethertype = struct.pack("!H", _IPV6 if version == 6 else _IPV4)
        frame = mac_bytes(way.next_mac) + mac_bytes(way.port.mac) + ethertype + data
        self._frame_socket(way.port.interface).send(frame)

    def _frame_socket(self, interface: str) -> FrameSocket:
        if interface not in self._frames:
            self._frames[interface] = FrameSocket(self._host, interface)
        return self._frames[interface]

    def _raw_socket(self, version: int) -> RawSocket:
        if version not in self._raw:
            family = socket.AF_INET6 if version == 6 else socket.AF_INET
            self._raw[version] = RawSocket(self._host, socket.IPPROTO_RAW, family)
        return self._raw[version]


class ScapySniffer(Peer):
    """Hears one interface of a host from the moment it is made.

    `lo` is heard once: its frames as they come in. `eth0` is heard in both directions.

    Args:
        host: where.
        interface: `"eth0"` or `"lo"`.

    Raises:
        UsageError: no such interface, or Scapy is missing.
    """

    def __init__(self, host: Host, interface: str = INTERFACE) -> None:
        _scapy()
        super().__init__("scapy-sniffer")
        sock = frame_socket(host, interface, incoming_only=interface == LOOPBACK)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket = sock
        self._heard: list[tuple[bytes, float]] = []
        self._packets: list[Packet] = []
        self._watch(sock, self._hear)
        self._start()

    @property
    def packets(self) -> list[Packet]:
        """All frames that have passed by now, dissected from Ethernet on, with `time` in seconds.

        Raises:
            HarnessFault: frames were lost.
        """
        self.settle()
        self._dissect()
        self.check()
        return list(self._packets)

    def wait_for(
        self, wanted: Callable[[Packet], bool], timeout_s: float, until_ended: HasFileno | None = None
    ) -> Packet | None:
        """The first frame, of those that have passed and those to come, for which `wanted` holds.

        Returns:
            The packet, or None when none comes within `timeout_s` seconds or before the end of `until_ended`.
        """
        seen = 0
        found: list[Packet] = []

        def look() -> bool:
            nonlocal seen
            self._dissect()
            while not found and seen < len(self._packets):
                if wanted(self._packets[seen]):
                    found.append(self._packets[seen])
                seen += 1
            return bool(found)

        self._wait(look, timeout_s, until_ended)
        return found[0] if found else None

    def stop(self) -> list[Packet]:
        """Hear no more, and return `packets`."""
        packets = self.packets
        self.close()
        return packets

    def _stop(self) -> None:
        self._count_losses()
        super()._stop()

    def _dissect(self) -> None:
        ether = _scapy().ether
        for data, heard_at in self._heard[len(self._packets) :]:
            packet = ether(data)
            packet.time = heard_at
            self._packets.append(packet)

    def _hear(self) -> None:
        data, ancillary, _, _ = self._socket.recvmsg(LARGEST_PACKET + 14, socket.CMSG_SPACE(16))
        seconds, nanoseconds = struct.unpack("@qq", ancillary[0][2]) if ancillary else (time.time(), 0)
        self._heard.append((data, seconds + nanoseconds / 1e9))
        self._bell.ring()

    def _count_losses(self) -> None:
        lost = frames_lost(self._socket)
        if lost:
            self._fail(HarnessFault(f"the sniffer lost {lost} frames"))


class _Ears:
    """Packet sockets that are open while answers are awaited."""

    def __init__(self, host: Host, interfaces: Iterable[str]) -> None:
        self._sockets = [FrameSocket(host, interface) for interface in interfaces]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in self._sockets:
            sock.close()

    def pair(
        self, sent: list[Packet], timeout_s: float, until_ended: HasFileno | None
    ) -> tuple[list[tuple[Packet, Packet]], list[Packet]]:
        """Match what comes with what was sent, by Scapy's `hashret` and `answers`."""
        unanswered = list(sent)
        answered: list[tuple[Packet, Packet]] = []
        own = {bytes(packet) for packet in sent}  # `lo` brings them back
        for heard in self._hear(timeout_s, until_ended, lambda: bool(unanswered)):
            if bytes(heard) in own:
                continue
            for packet in unanswered:
                if packet.hashret() == heard.hashret() and heard.answers(packet):
                    answered.append((packet, heard))
                    unanswered.remove(packet)
                    break
        return answered, unanswered

    def _hear(self, timeout_s: float, until_ended: HasFileno | None, wanted: Callable[[], bool]) -> Iterator[Packet]:
        deadline = time.monotonic() + timeout_s
        while wanted():
            woken = wait_readable(self._sockets, timeout_s=deadline - time.monotonic(), until_ended=until_ended)
            if not woken.ready:
                return
            for sock in self._sockets:
                if sock in woken.ready and (frame := sock.receive(0)):
                    yield _scapy().ether(frame).payload


class _Scapy(NamedTuple):
    """The classes that this module needs."""

    ip: Any
    ether: Any
    arp: Any


@functools.cache
def _scapy() -> _Scapy:
    """Import Scapy.

    Raises:
        UsageError: it is missing or too old.
    """
    try:
        import scapy
        from scapy.layers.inet import IP
        from scapy.layers.l2 import ARP, Ether
    except ImportError as error:
        raise UsageError(f"Scapy cannot be imported ({error}): pip install 'scapy>=2.8'") from error
    version = tuple(int(part) for part in scapy.VERSION.split(".")[:2] if part.isdigit())
    if version < _OLDEST:
        raise UsageError(f"Scapy {scapy.VERSION} is too old: pip install 'scapy>=2.8'")
    return _Scapy(IP, Ether, ARP)


def _each(packets: Packet | Iterable[Packet]) -> Iterator[Packet]:
    """Every single packet: Scapy's own iteration resolves sets and volatile fields."""
    for packet in packets:
        yield from packet
