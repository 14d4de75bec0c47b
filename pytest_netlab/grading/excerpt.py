"""The frame at fault, cut to what a reader needs: its octets, the wrong ones marked, their header decoded.

Refuses nothing: a frame that does not parse has octets still, and they are shown.
"""

from __future__ import annotations

from pytest_netlab.grading.explanation import Excerpt, FieldRow
from pytest_netlab.grading.shown import bits_of, quoted, show, show_int
from pytest_netlab.wire import Checksum, Field, Frame, Header, Int, Packet, Span, dissect

LIMIT = 256
"""Octets of a frame that an excerpt carries at most."""
_PROTOCOLS = {1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}
_ETHERTYPES = {0x0800: "IPv4", 0x0806: "ARP", 0x86DD: "IPv6"}


def excerpt(frame: Frame, span: Span | None, title: str = "") -> Excerpt:
    """Cut out what matters of a frame.

    Args:
        frame: the frame at fault.
        span: the octets at fault, None where it is the frame as a whole.
        title: put before the frame's own summary.
    """
    packet = dissect(frame)
    header = _holder(packet, span)
    rows = tuple(_rows(header, span)) if header is not None else ()
    mark = _mark(frame, span, rows) if span is not None else None
    start = _start(len(frame.data), mark)
    return Excerpt(
        frame=frame.number,
        title=f"{title}{packet.summary()}",
        data=frame.data[start : start + LIMIT],
        marks=(mark,) if mark is not None else (),
        header=describe(header) if header is not None else "",
        fields=rows,
        start=start,
        length=frame.length,
    )


def _holder(packet: Packet, span: Span | None) -> Header | None:
    """The innermost header that holds the place or carries it."""
    layers = packet.layers
    if span is None:
        return layers[-1] if layers else None
    holding = [layer for layer in layers if layer.offset <= span.offset <= layer.end]
    return holding[-1] if holding else None


def describe(header: Header) -> str:
    """A header's name and extent."""
    name = {"ipv4": "IPv4", "ipv6": "IPv6", "ethernet": "Ethernet"}.get(header.layer, header.layer.upper())
    return f"{name} header, bytes {header.offset} to {header.payload_offset - 1}"


def _rows(header: Header, span: Span | None) -> list[FieldRow]:
    rows = [_row(header, field, span) for field in header.fields()]
    start, payload = header.payload_offset, header.payload
    if span is not None and span.offset >= start:
        told = show(payload, span.offset - start)
        rows.append(FieldRow(f"{header.layer}.payload", start, len(payload), told, True))
    return rows


def _row(header: Header, field: Field, span: Span | None) -> FieldRow:
    return FieldRow(
        name=field.name,
        offset=field.span.offset,
        width=field.span.width,
        value=decoded(header, field),
        wrong=span is not None and _overlap(field.span, span),
    )


def _overlap(one: Span, other: Span) -> bool:
    first, second = _bits(one), _bits(other)
    return first[0] < second[1] and second[0] < first[1]


def _bits(span: Span) -> tuple[int, int]:
    start = span.offset * 8 + (span.bit_offset if span.bit_width is not None else 0)
    return start, start + (span.width * 8 if span.bit_width is None else span.bit_width)


def decoded(header: Header, field: Field) -> str:
    """A field's value with what its number stands for."""
    name = field.name.rpartition(".")[2]
    value = field.value
    if isinstance(value, bytes):
        return show(value)
    if not isinstance(value, Int):
        return str(value)
    told = show_int(value, bits_of(value))
    remark = ""
    if name == "flag_bits":
        remark = str(getattr(header, "flags", "")) or "none set"
    elif name in ("protocol", "next_header"):
        remark = _PROTOCOLS.get(value, "")
    elif name == "ethertype":
        remark = _ETHERTYPES.get(value, "")
    elif name == "checksum":
        remark = judged(header)
    return f"{told} {remark}".rstrip()


def judged(header: Header) -> str:
    """What a header's checksum is worth, in a word or two."""
    state = getattr(header, "checksum_state", None)
    if state is Checksum.BAD:
        return f"bad, should be 0x{int(getattr(header, 'expected_checksum', 0)):04x}"
    return str(state.value) if isinstance(state, Checksum) else ""


def _mark(frame: Frame, span: Span, rows: tuple[FieldRow, ...]) -> FieldRow:
    """The place at fault, with the value that the header's table gives it where it is a field there."""
    cut = frame.data[span.offset : span.offset + span.width]
    fields = [row for row in rows if row.wrong and (row.offset, row.width) == (span.offset, span.width)]
    told = fields[0].value if len(fields) == 1 and span.width <= 4 and cut else _marked_value(cut, span)
    return FieldRow(span.name, span.offset, span.width, told, True)


def _marked_value(cut: bytes, span: Span) -> str:
    if not cut:
        return "empty"
    if span.bit_width is not None:
        whole = int.from_bytes(cut, "big")
        value = whole >> (span.width * 8 - span.bit_offset - span.bit_width) & (1 << span.bit_width) - 1
        return f"{show_int(value, span.bit_width)}"
    if span.name.rpartition(".")[2] in ("source", "destination") and len(cut) == 4:
        return ".".join(map(str, cut))
    if span.name.endswith(("payload", "data")) or len(cut) > 4:
        return f'{cut[:8].hex(" ")}{" …" * (len(cut) > 8)} "{quoted(cut[:8])}"'
    return show_int(int.from_bytes(cut, "big"), 8 * len(cut))


def _start(length: int, mark: FieldRow | None) -> int:
    """First octet of the window: the frame's own, or some lines before a mark that lies far behind."""
    if mark is None or mark.offset + min(mark.width, 64) <= LIMIT or length <= LIMIT:
        return 0
    return max(0, (mark.offset - 64) // 16 * 16)
