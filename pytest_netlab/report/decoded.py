"""A frame decoded: every field of every header in a line or two, or octets, fields and verdicts in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_netlab.grading.excerpt import decoded, describe
from pytest_netlab.grading.shown import show
from pytest_netlab.report.hexdump import hexdump
from pytest_netlab.report.printable import wrap
from pytest_netlab.report.style import Style
from pytest_netlab.wire import Checksum, Header, Packet

_NAME: Final = 24
_ROWS: Final = 96
_BRIEF: Final = ("ipv4", "ipv6", "icmp", "icmpv6", "udp", "tcp", "arp")
_LEFT_OUT: Final = ("reserved", "urgent_pointer", "urgent", "unused")


def brief(packet: Packet, style: Style) -> list[str]:
    """Fields in a paragraph for each header, the link's left out.

    Args:
        packet: what is decoded.
        style: looks and width.
    """
    lines = [style.paint(style.cells(f"frame {packet.number}  {packet.summary()}", style.width), "strong")]
    for header in packet.layers:
        if header.layer in _BRIEF:
            lines += _paragraph(header, style)
    payload = packet.payload
    if payload and packet.layers:
        lines.append(style.cells(f"  data   {show(payload)}", style.width))
    return lines


def full(packet: Packet, style: Style, *, rows: int = _ROWS) -> list[str]:
    """Everything: comment, octets, and a table of fields for each header.

    Args:
        packet: what is decoded.
        style: looks and width.
        rows: lines of octets at most.
    """
    frame = packet.frame
    title = f"frame {packet.number}  {packet.summary()}"
    cut = f", {len(frame.data)} of them captured" if frame.truncated else ""
    where = f" on {frame.interface}" if frame.interface else ""
    lines = [style.paint(style.cells(title, style.width), "strong"), f"  {frame.length} bytes{cut}{where}"]
    for comment in frame.comment.splitlines():
        lines += [style.paint(f"  {text}", "wrong") for text in wrap(style.safe(comment), style.width - 2)]
    if packet.error is not None:
        lines.append(style.paint(style.cells(f"  does not parse: {packet.error}", style.width), "wrong"))
    lines += ["", *(f"  {line}" for line in hexdump(frame.data, (), style, length=frame.length, rows=rows))]
    for header in packet.layers:
        lines += ["", f"  {style.paint(describe(header), 'strong')}", *_table(header, style)]
    return lines


def _paragraph(header: Header, style: Style) -> list[str]:
    texts = []
    for each in header.fields():
        name = each.name.rpartition(".")[2]
        if name not in _LEFT_OUT:
            value = f"({len(each.value)} bytes)" if isinstance(each.value, bytes) else decoded(header, each)
            texts.append(f"{name.replace('_', ' ')} {value}")
    broken = wrap(style.safe(", ".join(texts)), max(20, style.width - 9))
    heads = [f"  {header.layer:<6} ", *[" " * 9] * (len(broken) - 1)]
    lines = [head + text for head, text in zip(heads, broken, strict=True)]
    if getattr(header, "checksum_state", None) is Checksum.BAD:
        lines = [style.paint(line, "wrong") for line in lines]
    return lines


def _table(header: Header, style: Style) -> list[str]:
    lines = []
    bad = getattr(header, "checksum_state", None) is Checksum.BAD
    for each in header.fields():
        name = each.name.rpartition(".")[2]
        told = style.cells(f"{each.span.offset:>6}  {name:<{_NAME}} {decoded(header, each)}", style.width)
        lines.append(style.paint(told, "wrong") if bad and name == "checksum" else told)
    return lines


def sums(packets: Sequence[Packet]) -> str:
    """The checksums of a recording in one line: how many are good, bad, unfinished or absent."""
    counts = dict.fromkeys(Checksum, 0)
    for packet in packets:
        for header in packet.layers:
            state = getattr(header, "checksum_state", None)
            if isinstance(state, Checksum):
                counts[state] += 1
    return ", ".join(f"{count} {state.value}" for state, count in counts.items() if count) or "none"
