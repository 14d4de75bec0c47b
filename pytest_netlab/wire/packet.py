"""From a frame to the headers in it.

Rules:
* `dissect` never raises. What does not parse is in `Packet.error`, and the layers above it stand. So does a UDP
  header whose length is wrong: it is there to be looked at, beside the error.
* Quoted, tunnelled and later-fragment octets are payload, not layers.
* DNS and HTTP are read when asked for, and only where they are plausible: DNS on port 53, HTTP where TCP
  data begins as a request or a response does.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_netlab.errors import WireError
from pytest_netlab.wire import arp as _arp
from pytest_netlab.wire import icmp as _icmp
from pytest_netlab.wire import icmpv6 as _icmpv6
from pytest_netlab.wire import tcp as _tcp
from pytest_netlab.wire import udp as _udp
from pytest_netlab.wire.arp import Arp
from pytest_netlab.wire.dns import Dns, parse_dns, parse_dns_over_tcp
from pytest_netlab.wire.ethernet import ARP, IPV4, IPV6, Ethernet
from pytest_netlab.wire.field import Bytes, Span
from pytest_netlab.wire.frame import Direction, Frame
from pytest_netlab.wire.header import Field, Header
from pytest_netlab.wire.http import HttpRequest, HttpResponse, parse_http, starts_http
from pytest_netlab.wire.icmp import Icmp
from pytest_netlab.wire.icmpv6 import Icmpv6
from pytest_netlab.wire.ipv4 import Ipv4, parse_ipv4
from pytest_netlab.wire.ipv6 import Ipv6, parse_ipv6
from pytest_netlab.wire.link import Link, parse_link
from pytest_netlab.wire.tcp import Tcp
from pytest_netlab.wire.udp import Udp

DNS_PORT = 53


class Packet:
    """A frame and what was read from it; a layer that is not there is None.

    Attributes:
        frame: the frame.
        link: link-layer header, None for raw IP.
        arp, ipv4, ipv6, icmp, icmpv6, udp, tcp: headers.
        error: what did not parse, None when everything known did.
    """

    __slots__ = ("arp", "error", "frame", "icmp", "icmpv6", "ipv4", "ipv6", "link", "tcp", "udp")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.link: Link | None = None
        self.arp: Arp | None = None
        self.ipv4: Ipv4 | None = None
        self.ipv6: Ipv6 | None = None
        self.icmp: Icmp | None = None
        self.icmpv6: Icmpv6 | None = None
        self.udp: Udp | None = None
        self.tcp: Tcp | None = None
        self.error: WireError | None = None

    @property
    def number(self) -> int:
        """The frame's 1-based number in its recording."""
        return self.frame.number

    @property
    def time_ns(self) -> int:
        """Capture time, nanoseconds since the epoch."""
        return self.frame.time_ns

    @property
    def interface(self) -> str:
        """Name of the interface that recorded the frame."""
        return self.frame.interface

    @property
    def direction(self) -> Direction:
        """The frame's direction, or what a cooked header says where the recording does not know."""
        known = self.frame.direction
        if known is Direction.UNKNOWN and self.link is not None:
            told = getattr(self.link, "direction", known)
            return told if isinstance(told, Direction) else known
        return known

    @property
    def ethernet(self) -> Ethernet | None:
        """The link header, where it is Ethernet's."""
        return self.link if isinstance(self.link, Ethernet) else None

    @property
    def ip(self) -> Ipv4 | Ipv6 | None:
        """The IPv4 or IPv6 header."""
        return self.ipv4 if self.ipv4 is not None else self.ipv6

    @property
    def transport(self) -> Udp | Tcp | None:
        """The UDP or TCP header: the one that has ports."""
        return self.udp if self.udp is not None else self.tcp

    @property
    def layers(self) -> list[Header]:
        """The headers, outermost first."""
        found = (self.link, self.arp, self.ipv4, self.ipv6, self.icmp, self.icmpv6, self.udp, self.tcp)
        return [header for header in found if header is not None]

    @property
    def payload(self) -> Bytes:
        """What the innermost header carries; the whole frame where nothing parsed."""
        layers = self.layers
        if layers:
            return layers[-1].payload
        return Bytes(self.frame.data, self.frame, Span("frame.data", 0, len(self.frame.data)))

    @property
    def dns(self) -> Dns | None:
        """The DNS message of a packet on port 53, if it parses as one (over TCP: whole in this segment)."""
        carrier = self.transport
        if carrier is None or DNS_PORT not in (carrier.src_port, carrier.dst_port):
            return None
        parse = parse_dns_over_tcp if self.udp is None else parse_dns
        try:
            return parse(self.frame, carrier.payload_offset, carrier.end)
        except WireError:
            return None

    @property
    def http(self) -> HttpRequest | HttpResponse | None:
        """The start of an HTTP request or response that begins in this TCP segment, on any port."""
        if self.tcp is None:
            return None
        data = self.tcp.payload
        if not starts_http(data):
            return None
        try:
            return parse_http(data)
        except WireError:
            return None

    def fields(self) -> Iterator[Field]:
        """Yield every field of every header, in wire order."""
        for header in self.layers:
            yield from header.fields()

    def summary(self) -> str:
        """Return one line, such as `10.77.0.2:61413 > 10.77.0.81:80 TCP S seq=1000`."""
        text = _summary(self)
        return f"{text} [{self.error}]" if self.error else text

    def __eq__(self, other: object) -> bool:
        return self.frame == other.frame if isinstance(other, Packet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.frame)

    def __repr__(self) -> str:
        return f"<Packet {self.number}: {self.summary()}>"


def dissect(frame: Frame) -> Packet:
    """Read every header of a frame that can be read; never raises."""
    packet = Packet(frame)
    try:
        packet.link, ethertype, offset = parse_link(frame)
        if ethertype == IPV4:
            packet.ipv4 = parse_ipv4(frame, offset)
            _above_ipv4(packet, packet.ipv4)
        elif ethertype == IPV6:
            packet.ipv6 = parse_ipv6(frame, offset)
            _above_ipv6(packet, packet.ipv6)
        elif ethertype == ARP:
            packet.arp = _arp.parse_arp(frame, offset)
    except WireError as error:
        # Without its traceback the error does not keep the parsers' frames alive in a large recording.
        packet.error = error.with_traceback(None)
    return packet


def _above_ipv4(packet: Packet, ip: Ipv4) -> None:
    if ip.fragment and ip.fragment_offset:
        return
    protocol = packet.frame.data[ip.offset + 9]
    offset = ip.payload_offset
    if protocol == _tcp.PROTOCOL:
        packet.tcp = _tcp.parse_tcp(packet.frame, offset, ip)
    elif protocol == _udp.PROTOCOL:
        _read_udp(packet, offset, ip)
    elif protocol == _icmp.PROTOCOL:
        packet.icmp = _icmp.parse_icmp(packet.frame, offset, ip)


def _above_ipv6(packet: Packet, ip: Ipv6) -> None:
    if ip.extensions and ip.fragment_offset:
        return
    protocol = ip.protocol
    offset = ip.payload_offset
    if protocol == _tcp.PROTOCOL:
        packet.tcp = _tcp.parse_tcp(packet.frame, offset, ip)
    elif protocol == _udp.PROTOCOL:
        _read_udp(packet, offset, ip)
    elif protocol == _icmpv6.PROTOCOL:
        packet.icmpv6 = _icmpv6.parse_icmpv6(packet.frame, offset, ip)


def _read_udp(packet: Packet, offset: int, ip: Ipv4 | Ipv6) -> None:
    try:
        packet.udp = _udp.parse_udp(packet.frame, offset, ip)
    except WireError:
        packet.udp = _udp.as_it_stands(packet.frame, offset, ip)
        raise


def _summary(packet: Packet) -> str:
    ip = packet.ip
    if packet.arp is not None:
        return _arp_summary(packet.arp)
    if ip is None:
        return f"{len(packet.frame.data)} bytes of link type {packet.frame.link_type}"
    between = f"{ip.source} > {ip.destination}"
    if packet.transport is not None:
        ports = packet.transport
        between = f"{_end(ip.source, ports.src_port)} > {_end(ip.destination, ports.dst_port)}"
    if packet.tcp is not None:
        return f"{between} {_tcp_summary(packet.tcp)}"
    if packet.udp is not None:
        return f"{between} UDP {_counted(max(0, packet.udp.length - 8))}"
    if packet.icmp is not None:
        return f"{between} {_icmp_summary('ICMP', packet.icmp)}"
    if packet.icmpv6 is not None:
        return f"{between} {_icmp_summary('ICMPv6', packet.icmpv6)}"
    return f"{between} IP protocol {ip.protocol}"


def _end(address: object, port: int) -> str:
    text = str(address)
    return f"[{text}]:{port}" if ":" in text else f"{text}:{port}"


def _tcp_summary(tcp: Tcp) -> str:
    text = f"TCP {tcp.flags or 'no flags'} seq={tcp.seq}"
    if tcp.ack_flag:
        text += f" ack={tcp.ack}"
    return f"{text} {_counted(tcp.payload_length)}" if tcp.payload_length else text


def _counted(octets: int) -> str:
    return f"{octets} byte{'s' * (octets != 1)}"


def _icmp_summary(name: str, message: Icmp | Icmpv6) -> str:
    echo = {8: "echo request", 0: "echo reply"} if name == "ICMP" else {128: "echo request", 129: "echo reply"}
    kind = echo.get(message.type)
    if kind is None:
        return f"{name} type {message.type} code {message.code}"
    return f"{name} {kind} id={message.identifier} seq={message.sequence}"


def _arp_summary(packet: Arp) -> str:
    if packet.operation == _arp.REQUEST:
        return f"ARP who has {packet.target_protocol}, tell {packet.sender_protocol}"
    return f"ARP {packet.sender_protocol} is at {packet.sender_hardware}"
