"""What an experienced engineer would say of a recording: which port is not which, what was refused, what never came.

Rules: a remark says only what the recording shows, or what a peer testifies; it names frames, ports and numbers.
Nothing here is a verdict: an exercise's clauses are. Remarks are in the order of the frames that they are about, and
a recording with a thousand of the same gets one of each kind that says how many more there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pytest_netlab.errors import UsageError
from pytest_netlab.report.handshakes import Remark, Testimony, handshakes, place
from pytest_netlab.traffic.destinations import inside
from pytest_netlab.wire import Checksum, Header, Packet, Packets
from pytest_netlab.wire.icmp import Icmp
from pytest_netlab.wire.icmpv6 import Icmpv6

_MOST_OF_A_KIND: Final = 3
_SCAPY_PORT: Final = 53
_ECHO_REQUESTS: Final = {"ICMP": 8, "ICMPv6": 128}
_ECHO_REPLIES: Final = {"ICMP": 0, "ICMPv6": 129}
# Name, type of destination unreachable, and its code for a port that nobody listens on (RFC 792, RFC 4443 §3.1).
_UNREACHABLE: Final = (("ICMP", 3, 3), ("ICMPv6", 1, 4))


def remarks(packets: Packets, testimony: Testimony | None = None) -> list[Remark]:
    """Look at a recording.

    Args:
        packets: all of it, each packet once.
        testimony: what the peers know; None for a file, of which nobody knows more.
    """
    heard = testimony or Testimony()
    found: list[Remark] = []
    kinds: tuple[Callable[[], Iterator[Remark]], ...] = (
        lambda: handshakes(packets, heard),
        lambda: _conversations(packets),
        lambda: _pings(packets),
        lambda: _refusals(packets),
        lambda: _checksums(packets),
        lambda: _damage(packets),
        lambda: _questions(packets),
        lambda: _strangers(packets) if testimony is not None else iter(()),
    )
    for kind in kinds:
        found += _bounded(list(kind()))
    return sorted(found, key=lambda remark: remark.frame)


def _bounded(same: list[Remark]) -> list[Remark]:
    kept, more = same[:_MOST_OF_A_KIND], len(same) - _MOST_OF_A_KIND
    if more > 0:
        last = kept[-1]
        kept[-1] = Remark(last.frame, f"{last.text} (And {more} more like it.)", last.wrong)
    return kept


def _conversations(packets: Packets) -> Iterator[Remark]:
    """Resets, and octets that were sent again, in connections that stood."""
    for stream in packets.tcp_streams:
        if stream.handshake is None:
            continue
        for reset in stream.resets[:1]:
            who = "client" if stream.is_from_client(reset) else "server"
            text = f"The {who} ended the connection to {place(stream.server)} with RST instead of FIN."
            yield Remark(reset.number, text)
        again = stream.retransmissions
        if again:
            times = f"{len(again)} segment{'s' * (len(again) != 1)}"
            yield Remark(again[0].number, f"{times} to or from {place(stream.server)} had to be sent again.", False)


def _pings(packets: Packets) -> Iterator[Remark]:
    """Echo requests and what came back."""
    echoes = packets.where(lambda each: each.icmp or each.icmpv6)
    requests = echoes.where(lambda each: _message(each)[1].type == _ECHO_REQUESTS[_message(each)[0]])
    if not requests:
        return
    replies = {_echo(each, str(each.ip.source)) for each in echoes if each.ip is not None and _is_reply(each)}
    silent = [each for each in requests if each.ip is not None and _echo(each, str(each.ip.destination)) not in replies]
    if silent:
        first = silent[0]
        count = f"{len(silent)} of {len(requests)} echo requests" if len(requests) > 1 else "The echo request"
        yield Remark(first.number, f"{count} got no echo reply.")
    else:
        sources = sorted({str(request.ip.destination) for request in requests if request.ip is not None})
        count = f"All {len(requests)} echo requests were" if len(requests) > 1 else "The echo request was"
        yield Remark(requests[0].number, f"{count} answered by {', '.join(sources)}.", False)


def _is_reply(packet: Packet) -> bool:
    name, message = _message(packet)
    return message.type == _ECHO_REPLIES[name]


def _echo(packet: Packet, answerer: str) -> tuple[str, int | None, int | None]:
    """What pairs an echo request with its reply (RFC 792, RFC 4443 §4)."""
    message = _message(packet)[1]
    return answerer, message.identifier, message.sequence


def _message(packet: Packet) -> tuple[str, Icmp | Icmpv6]:
    """The ICMP or ICMPv6 message of a packet that has one, and which it is."""
    if packet.icmp is not None:
        return "ICMP", packet.icmp
    assert packet.icmpv6 is not None  # the caller chose it
    return "ICMPv6", packet.icmpv6


def _refusals(packets: Packets) -> Iterator[Remark]:
    """ICMP and ICMPv6 errors, by what they quote."""
    for name, unreachable, nobody_listens in _UNREACHABLE:
        for packet in packets.where(lambda each: each.icmp or each.icmpv6):
            which, message = _message(packet)
            if which != name or message.type != unreachable or message.quoted is None:
                continue
            where = message.quoted.destination
            if message.code == nobody_listens and message.quoted_ports is not None:
                port = message.quoted_ports[1]
                text = f"Nobody listens on UDP port {port} of {where}: its host said so by {name}."
            else:
                text = f"{where} cannot be reached: {name} type {unreachable}, code {message.code}."
            yield Remark(packet.number, text)


def _checksums(packets: Packets) -> Iterator[Remark]:
    """Sums that are wrong, and sums that only look wrong."""
    unfinished = 0
    for packet in packets:
        for header in packet.layers:
            state = getattr(header, "checksum_state", None)
            if state is Checksum.BAD:
                yield Remark(packet.number, _bad_sum(packet, header))
            unfinished += state is Checksum.UNFINISHED
    if unfinished:
        text = (
            f"{unfinished} checksum{'s' * (unfinished != 1)} unfinished: the kernel leaves them to hardware that a "
            "loopback does not have. Neither right nor wrong."
        )
        yield Remark(0, text, False)


def _bad_sum(packet: Packet, header: Header) -> str:
    name = {"ipv4": "IPv4 header"}.get(header.layer, header.layer.upper())
    found, right = int(getattr(header, "checksum", 0)), int(getattr(header, "expected_checksum", 0))
    return (
        f"The {name} checksum is wrong: 0x{found:04x} where 0x{right:04x} is right. "
        "A receiver drops such a packet without a word."
    )


def _damage(packets: Packets) -> Iterator[Remark]:
    for packet in packets:
        if packet.error is not None:
            yield Remark(packet.number, f"It does not parse: {packet.error}.")


def _questions(packets: Packets) -> Iterator[Remark]:
    """Datagrams that look as if a library had chosen their ports."""
    for packet in packets.udp:
        udp = packet.udp
        if udp is not None and udp.src_port == _SCAPY_PORT and udp.dst_port != _SCAPY_PORT and packet.dns is None:
            text = "The source port is 53, Scapy's default: readers take the datagram for DNS. Give it a sport."
            yield Remark(packet.number, text)
            return


def _strangers(packets: Packets) -> Iterator[Remark]:
    """Destinations that the lab does not have."""
    seen: set[str] = set()
    for packet in packets:
        where = str(packet.ip.destination) if packet.ip is not None else ""
        if where and where not in seen and not _is_of_the_lab(where):
            yield Remark(
                packet.number, f"{where} is outside the lab: nobody is there, and nothing leaves this machine."
            )
        seen.add(where)


def _is_of_the_lab(address: str) -> bool:
    try:
        inside(address)
    except UsageError:
        return address.startswith(("224.", "239.", "255.", "ff"))
    return True
