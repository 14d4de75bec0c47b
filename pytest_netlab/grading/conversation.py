"""The conversation around a packet, as steps between hosts.

A packet belongs to it that shares an end (address and port) with the packet at fault, so that the answer
from the wrong port and the reset to a handshake on two ports are seen; so does an ICMP error that quotes one.
Where nothing is at fault, or the packet has no ports, all packets belong.

Hosts are addresses; where a program talks to itself over loopback, ports tell the two ends apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_netlab.grading.explanation import Ladder, Step
from pytest_netlab.grading.shown import quoted
from pytest_netlab.wire import Checksum, Frame, Ipv4, Packet, Tcp, Udp
from pytest_netlab.wire.flows import ends

STEPS = 12
_MODULO = 1 << 32
_CHECKSUM_OF = {"ipv4": "IP", "udp": "UDP", "tcp": "TCP"}
_UNREACHABLE = {0: "network", 1: "host", 2: "protocol", 3: "port"}
_UNREACHABLE6 = {0: "network", 3: "host", 4: "port"}  # RFC 4443 §3.1
_End = tuple[bytes, int]


def ladder(
    packets: Sequence[Packet],
    fault: Frame | None,
    names: Mapping[str, str],
    note: str = "",
    *,
    mark: bool = True,
) -> Ladder | None:
    """Draw up the conversation.

    Args:
        packets: the whole recording.
        fault: the frame it is about, None for all packets.
        names: names of hosts, by address.
        note: what to say of the frame at fault.
        mark: whether that frame is at fault, or merely shows which conversation is meant.

    Returns:
        None where nothing was recorded.
    """
    chosen = [packet for packet in conversation(packets, fault) if packet.ip is not None]
    if not chosen:
        return None
    center = next((i for i, packet in enumerate(chosen) if fault is not None and packet.frame == fault), 0)
    start = max(0, min(center - 2 * STEPS // 3, len(chosen) - STEPS))
    seen = chosen[start : start + STEPS]
    origins = _origins(packets)
    steps = []
    for packet in seen:
        marked = mark and fault is not None and packet.frame == fault
        source, destination = _ends_named(packet, names)
        told = "; ".join(filter(None, (note if marked else "", _note(packet, packets))))
        label = _label(packet, origins)
        time_s = (packet.time_ns - packets[0].time_ns) / 1e9
        steps.append(Step(packet.number, time_s, source, destination, label, marked, told, _fate(packet)))
    hosts = tuple(dict.fromkeys(end for step in steps for end in (step.source, step.destination)))
    return Ladder(hosts, tuple(steps), len(chosen) - len(seen), start)


class Teller:
    """Tells packets one after the other, as they come: the steps of a ladder that has no end yet.

    Args:
        names: names of hosts, by address.
        briefly: leave out the address of a host that has a name.
    """

    def __init__(self, names: Mapping[str, str], *, briefly: bool = False) -> None:
        self._names = names
        self._briefly = briefly
        self._began_ns: int | None = None
        self._origins: dict[tuple[_End, _End], int] = {}
        self._opening: list[Packet] = []

    def step(self, packet: Packet, mark: str = "") -> Step | None:
        """The step that a packet is; None where it is none of IP.

        Args:
            packet: the next one of the recording; its earlier ones were told before.
            mark: what is wrong with it; empty where nothing is.
        """
        if self._began_ns is None:
            self._began_ns = packet.time_ns
        if packet.ip is None:
            return None
        here = ends(packet)
        if packet.tcp is not None and packet.tcp.syn and here is not None and here not in self._origins:
            self._origins[here] = int(packet.tcp.seq)
            self._opening.append(packet)
        source, destination = _ends_named(packet, self._names)
        if self._briefly:
            source, destination = (self._names.get(end.rpartition(" ")[2], end) for end in (source, destination))
        note = "; ".join(filter(None, (mark, _note(packet, self._opening))))
        time_s = (packet.time_ns - self._began_ns) / 1e9
        return Step(packet.number, time_s, source, destination, _label(packet, self._origins), bool(mark), note)


def conversation(packets: Sequence[Packet], fault: Frame | None) -> list[Packet]:
    """The packets that belong together with the one at fault, in order; all of them where none is."""
    about = next((packet for packet in packets if fault is not None and packet.frame == fault), None)
    here = ends(about) if about is not None else None
    if here is None:
        return list(packets)
    return [packet for packet in packets if packet is about or _shares(packet, set(here))]


def _shares(packet: Packet, here: set[_End]) -> bool:
    there = ends(packet)
    if there is not None:
        return not here.isdisjoint(there)
    icmp = packet.icmp or packet.icmpv6
    quoted_ip, ports = (icmp.quoted, icmp.quoted_ports) if icmp is not None else (None, None)
    if quoted_ip is None or ports is None:
        return False
    told = {(quoted_ip.source.packed, int(ports[0])), (quoted_ip.destination.packed, int(ports[1]))}
    return not here.isdisjoint(told)


def _ends_named(packet: Packet, names: Mapping[str, str]) -> tuple[str, str]:
    ip, carrier = packet.ip, packet.transport
    assert ip is not None  # the conversation has no others
    if ip.source != ip.destination:
        return _named(str(ip.source), names), _named(str(ip.destination), names)
    here, there = (carrier.src_port, carrier.dst_port) if carrier is not None else (None, None)
    icmp = packet.icmp or packet.icmpv6
    if icmp is not None and icmp.quoted_ports is not None:
        there, here = icmp.quoted_ports
    host = f"[{ip.source}]" if packet.ipv6 is not None else str(ip.source)
    return (str(ip.source),) * 2 if here is None else (f"{host}:{here}", f"{host}:{there}")


def _named(address: str, names: Mapping[str, str]) -> str:
    return f"{names[address]} {address}" if address in names else address


def _label(packet: Packet, origins: dict[tuple[_End, _End], int]) -> str:
    carrier = packet.transport
    with_ports = packet.ip is not None and packet.ip.source != packet.ip.destination
    ports = f"{carrier.src_port} → {carrier.dst_port} " if carrier is not None and with_ports else ""
    if packet.tcp is not None:
        return f"{ports}{_segment(packet, packet.tcp, origins)}"
    if packet.udp is not None:
        return f"{ports}UDP {_data(packet.udp.payload)}"
    # `summary` is "from > to what": the ladder's columns say the first half.
    between, _, what = packet.summary().partition(" > ")
    return what.partition(" ")[2] or between


def _data(payload: bytes) -> str:
    count = f"{len(payload)} byte{'s' * (len(payload) != 1)}"
    text = f'"{quoted(payload[:12])}"' + " …" * (len(payload) > 12)
    return f"{count} {text}" if payload else count


def _segment(packet: Packet, tcp: Tcp, origins: dict[tuple[_End, _End], int]) -> str:
    """Flags, sequence and acknowledgment number, each relative with the raw one behind it, and length."""
    here = ends(packet)
    assert here is not None  # a TCP header was read behind an IP header
    parts = [str(tcp.flags) or "no flags", f"seq {_relative(tcp.seq, origins.get(here))}"]
    if tcp.ack_flag:
        parts.append(f"ack {_relative(tcp.ack, origins.get((here[1], here[0])))}")
    if tcp.payload_length:
        parts.append(f"len {tcp.payload_length}")
    return " ".join(parts)


def _reason(packet: Packet, reset: Tcp, packets: Sequence[Packet]) -> str:
    """Why a reset was sent, as far as the recording tells: no such connection, a closed port, or an end."""
    here = ends(packet)
    assert here is not None  # a TCP header was read behind an IP header
    pairs = (here, (here[1], here[0]))
    opened = [each for each in packets if each.number < packet.number and each.tcp and each.tcp.syn]
    between = [ends(each) for each in opened if ends(each) in pairs]
    if not between:
        return f"no SYN came from port {reset.dst_port}: there is no connection"
    if here not in between:
        return f"nobody listens on port {reset.src_port}"
    return "the sender aborts, or knows no such connection"


def _relative(number: int, origin: int | None) -> str:
    return f"{int(number)}" if origin is None else f"{(number - origin) % _MODULO} ({int(number)})"


def _origins(packets: Sequence[Packet]) -> dict[tuple[_End, _End], int]:
    """The initial sequence number of each direction whose SYN was recorded."""
    found: dict[tuple[_End, _End], int] = {}
    for packet in packets:
        here = ends(packet)
        if packet.tcp is not None and packet.tcp.syn and here is not None:
            found.setdefault(here, int(packet.tcp.seq))
    return found


def _is_bad(header: Ipv4 | Udp | Tcp) -> bool:
    """RFC 1122, sections 3.2.1.2, 4.1.3.4 and 4.2.2.7: such a packet is silently discarded."""
    return header.checksum_state is Checksum.BAD


def _fate(packet: Packet) -> str:
    """What becomes of a packet that does not simply arrive."""
    if packet.tcp is not None and packet.tcp.rst:
        return "reset"
    return "dropped" if any(each and _is_bad(each) for each in (packet.ipv4, packet.udp, packet.tcp)) else ""


def _note(packet: Packet, packets: Sequence[Packet]) -> str:
    """What a packet means that ends or refuses a conversation, or that nobody takes."""
    bad = [header.layer for header in (packet.ipv4, packet.udp, packet.tcp) if header and _is_bad(header)]
    if bad:
        return f"dropped by the receiver: the {_CHECKSUM_OF[bad[0]]} checksum is bad"
    if packet.tcp is not None and packet.tcp.rst:
        return f"reset: {_reason(packet, packet.tcp, packets)}"
    icmp = packet.icmp or packet.icmpv6
    if icmp is None or icmp.type != (3 if packet.icmp else 1):
        return ""
    what = (_UNREACHABLE if packet.icmp else _UNREACHABLE6).get(icmp.code, "destination")
    ports = icmp.quoted_ports
    if what == "port" and ports is not None:
        return f"nobody listens on port {ports[1]}"
    return f"{what} unreachable"
