"""What Wireshark reads in a recording against what we read: a table of fields, and what is not a disagreement.

Compared, in each frame: its length; addresses of Ethernet, ARP, IPv4 and IPv6; lengths, identification, time to live,
flags and fragment offset of IP; ports, length, sequence and acknowledgment numbers, flags, window and urgent pointer;
type, code, identifier and sequence number of ICMP; every checksum and the verdict on it; which headers there are; and
which TCP conversation a segment belongs to.

Not a disagreement:
* A header or field of which one side says nothing: Wireshark stopped, or we refused the octets (`Packet.error`).
* A verdict on a sum that we call unfinished, or that looks so: tshark before 4.2 calls it bad, later ones do not.
  On a sum that one side could not check. On 0x0000 and 0xffff, which are one number to us and two to Wireshark.
* An ARP header behind another EtherType than ARP's: Wireshark reads reverse ARP as one, to us it is payload.
* Where conversations on one pair of ports are cut, as long as a SYN stands there: that is convention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

from pytest_netlab.grading.wireshark_reader import Reading
from pytest_netlab.wire import Checksum, Header, Loopback, Packet, Packets, Streams, dissect
from pytest_netlab.wire.ethernet import ARP
from pytest_netlab.wire.flows import ends

_WEIGHT: Final = ("agrees", "not had", "disagrees")
_Ask = Callable[[Any], object]


class Difference(NamedTuple):
    """A field of a frame that is read in two ways."""

    frame: int
    field: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"frame {self.frame}, {self.field}: we read {self.ours}, Wireshark reads {self.theirs}"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What became of asking Wireshark about a recording.

    Attributes:
        status: it agrees; it does not; or nothing was heard of it, which says nothing against the recording.
        words: how it differs, or why it was not heard.
    """

    status: Literal["agrees", "disagrees", "not had"]
    words: str = ""

    def __str__(self) -> str:
        return f"{self.status}: {self.words}" if self.words else self.status


def worst_of(opinions: Iterable[Opinion | None]) -> Opinion | None:
    """The one that weighs most: a disagreement, then one that was not had; None where nobody was asked."""
    heard = (opinion for opinion in opinions if opinion is not None)
    return max(heard, key=lambda opinion: _WEIGHT.index(opinion.status), default=None)


def _attribute(name: str) -> _Ask:
    return lambda header: getattr(header, name)


def _tcp_flags(tcp: Any) -> int:
    return int(tcp.reserved) << 8 | int(tcp.flag_bits)


_TABLE: Final[Mapping[str, Mapping[str, _Ask]]] = {
    "eth": {"eth.dst": _attribute("destination"), "eth.src": _attribute("source")},
    "arp": {
        "arp.opcode": _attribute("operation"),
        "arp.src.hw_mac": _attribute("sender_hardware"),
        "arp.src.proto_ipv4": _attribute("sender_protocol"),
        "arp.dst.hw_mac": _attribute("target_hardware"),
        "arp.dst.proto_ipv4": _attribute("target_protocol"),
    },
    "ip": {
        "ip.src": _attribute("source"),
        "ip.dst": _attribute("destination"),
        "ip.hdr_len": _attribute("header_length"),
        "ip.dsfield": _attribute("tos"),
        "ip.len": _attribute("total_length"),
        "ip.id": _attribute("identification"),
        "ip.flags": _attribute("flags"),
        "ip.frag_offset": _attribute("fragment_offset"),
        "ip.ttl": _attribute("ttl"),
        "ip.proto": _attribute("protocol"),
        "ip.checksum": _attribute("checksum"),
    },
    "ipv6": {
        "ipv6.src": _attribute("source"),
        "ipv6.dst": _attribute("destination"),
        "ipv6.tclass": _attribute("traffic_class"),
        "ipv6.flow": _attribute("flow_label"),
        "ipv6.plen": _attribute("payload_length"),
        "ipv6.nxt": _attribute("next_header"),
        "ipv6.hlim": _attribute("hop_limit"),
    },
    "udp": {
        "udp.srcport": _attribute("src_port"),
        "udp.dstport": _attribute("dst_port"),
        "udp.length": _attribute("length"),
        "udp.checksum": _attribute("checksum"),
    },
    "tcp": {
        "tcp.srcport": _attribute("src_port"),
        "tcp.dstport": _attribute("dst_port"),
        "tcp.seq": _attribute("seq"),
        "tcp.ack": _attribute("ack"),
        "tcp.hdr_len": _attribute("header_length"),
        "tcp.flags": _tcp_flags,
        "tcp.window_size_value": _attribute("window"),
        "tcp.checksum": _attribute("checksum"),
        "tcp.urgent_pointer": _attribute("urgent_pointer"),
    },
    "icmp": {
        "icmp.type": _attribute("type"),
        "icmp.code": _attribute("code"),
        "icmp.checksum": _attribute("checksum"),
        "icmp.ident": _attribute("identifier"),
        "icmp.seq": _attribute("sequence"),
    },
    "icmpv6": {
        "icmpv6.type": _attribute("type"),
        "icmpv6.code": _attribute("code"),
        "icmpv6.checksum": _attribute("checksum"),
        "icmpv6.echo.identifier": _attribute("identifier"),
        "icmpv6.echo.sequence_number": _attribute("sequence"),
    },
}
_SUMMED: Final = ("ip", "udp", "tcp", "icmp", "icmpv6")
_LINKS: Final = frozenset(("eth", "sll", "null", "raw"))
_TAGS: Final = frozenset(("vlan", "ieee8021ad"))
_NETWORKS: Final = ("arp", "ip", "ipv6")
_TRANSPORTS: Final = {"ip": ("udp", "tcp", "icmp"), "ipv6": ("udp", "tcp", "icmpv6")}
_STREAM: Final = "tcp.stream"
_SYN: Final = 2
_MALFORMED: Final = "_ws.malformed"

PROTOCOLS: Final = ("geninfo", *_TABLE)
"""Of which tshark has to print the fields. It names the others."""
FIELDS: Final = {
    layer: (
        *fields,
        *([f"{layer}.checksum.status"] if layer in _SUMMED else []),
        *([_STREAM] if layer == "tcp" else []),
    )
    for layer, fields in _TABLE.items()
}
"""What has to be told of it, by layer."""

_STATUS: Final = {"0": "bad", "1": "good", "2": "not checked", "3": "absent", "4": "illegal"}
_SAME_VERDICT: Final = {
    Checksum.GOOD: ("good", "not checked"),
    Checksum.BAD: ("bad", "illegal", "not checked"),
    Checksum.ABSENT: ("absent", "not checked"),
}


def compare(packets: Packets, readings: Sequence[Reading]) -> list[Difference]:
    """Every difference between what we and what Wireshark read in the same frames, in order."""
    found: list[Difference] = []
    for packet, reading in zip(packets, readings, strict=True):
        found += _in_frame(packet, reading)
    found += _in_streams(packets, readings)
    return sorted(found, key=lambda difference: difference.frame)


def _in_frame(packet: Packet, reading: Reading) -> Iterator[Difference]:
    frame = packet.frame
    for field, ours, theirs in (
        ("frame.len", frame.length, reading.length),
        ("frame.cap_len", len(frame.data), reading.captured),
    ):
        if ours != theirs:
            yield Difference(packet.number, field, str(ours), str(theirs))
    theirs_by_name = _chain(reading)
    ours_by_name = _headers(packet)
    if _MALFORMED not in (name for name, _ in reading.layers):
        yield from _missing(packet, ours_by_name, theirs_by_name)
    for name in ours_by_name.keys() & theirs_by_name.keys():
        yield from _in_header(packet.number, ours_by_name[name], _TABLE[name], theirs_by_name[name])
        if name in _SUMMED:
            yield from _in_verdict(packet, name, ours_by_name[name], theirs_by_name[name])


def _chain(reading: Reading) -> dict[str, dict[str, str]]:
    """Wireshark's headers of the kinds that we read, as long as each stands where we would read it."""
    found: dict[str, dict[str, str]] = {}
    expected: tuple[str, ...] = _NETWORKS
    for name, fields in reading.layers:
        if name == "eth" and not found:
            found[name] = fields
        elif (name in _LINKS and not found) or (name in _TAGS and "eth" in found and expected is _NETWORKS):
            continue
        elif name in expected:
            found[name] = fields
            expected = _TRANSPORTS.get(name, ())
        else:
            break
    return found


def _headers(packet: Packet) -> dict[str, Header]:
    candidates = {
        "eth": packet.ethernet,
        "arp": packet.arp,
        "ip": packet.ipv4,
        "ipv6": packet.ipv6,
        "udp": packet.udp,
        "tcp": packet.tcp,
        "icmp": packet.icmp,
        "icmpv6": packet.icmpv6,
    }
    return {name: header for name, header in candidates.items() if header is not None}


def _missing(packet: Packet, ours: Mapping[str, object], theirs: Mapping[str, object]) -> Iterator[Difference]:
    """Headers that only one side sees, where the other had to see them."""
    unknown_family = isinstance(packet.link, Loopback) and packet.ip is None
    if packet.error is None and not unknown_family:
        for name in theirs.keys() - ours.keys() - ({"arp"} if _is_not_arp(packet) else set()):
            yield Difference(packet.number, name, "no such header", "one")
    for name in ours.keys() - theirs.keys() - {"eth"}:  # Wireshark takes a few frames for something else altogether
        yield Difference(packet.number, name, "one", "no such header")


def _is_not_arp(packet: Packet) -> bool:
    return packet.ethernet is not None and packet.ethernet.ethertype != ARP


def _in_header(number: int, header: Header, asks: Mapping[str, _Ask], told: Mapping[str, str]) -> Iterator[Difference]:
    for field, ask in asks.items():
        ours, theirs = ask(header), told.get(field)
        if ours is None or theirs is None:
            continue
        if isinstance(ours, int):
            said = _number(theirs, field)
            if said is not None and said != ours:
                yield Difference(number, field, f"{int(ours)} (0x{int(ours):x})", f"{said} (0x{said:x})")
        elif str(ours) != theirs:
            yield Difference(number, field, str(ours), theirs)


def _number(shown: str, field: str) -> int | None:
    """A number as Wireshark shows it; None for anything else. Versions differ in the width of `ip.flags`."""
    try:
        value = int(shown, 0)
    except ValueError:
        return None
    if field == "ip.flags":
        return value >> 13 if value > 0xFF else value >> 5 if value > 7 else value
    return value


def _in_verdict(packet: Packet, name: str, header: Header, told: Mapping[str, str]) -> Iterator[Difference]:
    theirs = _STATUS.get(told.get(f"{name}.checksum.status", ""), "")
    ours: Checksum = getattr(header, "checksum_state", Checksum.UNKNOWN)
    if not theirs or theirs in _SAME_VERDICT.get(ours, (theirs,)):
        return
    if int(getattr(header, "checksum", 1)) in (0, 0xFFFF) or _looks_unfinished(packet, name):
        return
    yield Difference(packet.number, f"{name}.checksum", f"it as {ours.value}", f"it as {theirs}")


def _looks_unfinished(packet: Packet, name: str) -> bool:
    """Whether the sum would be called unfinished, had nobody asked the kernel."""
    unasked = _headers(dissect(replace(packet.frame, checksum_unfinished=None))).get(name)
    return getattr(unasked, "checksum_state", None) is Checksum.UNFINISHED


def _in_streams(packets: Packets, readings: Sequence[Reading]) -> Iterator[Difference]:
    """Segments of two pairs of ports in one conversation; and conversations cut where no SYN stands."""
    theirs: dict[int, str] = {}
    pair_of: dict[str, object] = {}
    seen: set[str] = set()
    begun_by_syn: set[str] = set()
    for packet, reading in zip(packets, readings, strict=True):
        tcp = _chain(reading).get("tcp", {})
        stream = tcp.get(_STREAM)
        if stream is None:
            continue
        if stream not in seen and _may_be_syn(tcp):
            begun_by_syn.add(stream)
        seen.add(stream)
        if packet.tcp is None:
            continue
        theirs[packet.number] = stream
        if pair_of.setdefault(stream, _pair(packet)) != _pair(packet):
            yield Difference(packet.number, _STREAM, "other ports than before", f"one conversation, {stream}")
    for conversation in Streams.of(packets):
        known = [(packet.number, theirs[packet.number]) for packet in conversation.packets if packet.number in theirs]
        for (_, before), (number, stream) in pairwise(known):
            if stream != before and stream not in begun_by_syn:
                yield Difference(number, _STREAM, "one conversation", f"{before} and {stream}")


def _may_be_syn(tcp: Mapping[str, str]) -> bool:
    """Whether Wireshark sees a SYN, or could not read the flags."""
    flags = _number(tcp.get("tcp.flags", ""), "tcp.flags")
    return flags is None or bool(flags & _SYN)


def _pair(packet: Packet) -> object:
    pair = ends(packet)
    return None if pair is None else frozenset(pair)
