"""Values as a student reads them: `9 (0x0009)`, `61 "a" (1 byte)`, `S, SA, A`.

Owns the wording of values, not of differences (`compare`). Long values are cut to a window around the place
that matters. What comes out may still hold any character that a program sent: renderers make it safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from pytest_netlab.wire import Bytes, Header, Int, Packet

WINDOW = 16
"""Octets of a long value that are shown."""
TEXT_WINDOW = 60
ITEMS = 12
PACKETS = 6
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def show(value: object, focus: int = 0) -> str:
    """Say a value in one line.

    Args:
        value: anything.
        focus: index of the octet, character or item that must be seen when the value is long.
    """
    if isinstance(value, Int):
        return show_int(value, bits_of(value))
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return show_bytes(bytes(value), focus)
    if isinstance(value, str):
        return show_text(value, focus)
    if isinstance(value, Packet):
        return f"frame {value.number}: {value.summary()}"
    if isinstance(value, Header):
        return f"{value.layer} header in frame {value.frame.number}"
    if value is None:
        return "nothing"
    return _show_collection(value, focus)


def _show_collection(value: object, focus: int) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {show(each)}" for key, each in list(value.items())[:ITEMS]) or "nothing"
    if isinstance(value, Set):
        return show_items(sorted(value, key=str)) if value else "nothing"
    if isinstance(value, range):
        return f"{value.start} to {value.stop - 1}" if value.step == 1 and len(value) else str(value)
    if isinstance(value, Sequence):
        return show_items(value, focus)
    if isinstance(value, (int, float, IPv4Address, IPv6Address)):
        return str(value)
    return _short(repr(value))


def bits_of(value: Int) -> int:
    """Bits of the field that a value was read from."""
    return value.span.bit_width or value.span.width * 8


def show_int(value: int, bits: int) -> str:
    """A number, and from eight bits on its hexadecimal digits at the field's full width."""
    if bits < 8 or value < 0:
        return str(int(value))
    return f"{int(value)} (0x{int(value):0{(bits + 3) // 4}x})"


def show_bytes(data: bytes, focus: int = 0) -> str:
    """Octets in hexadecimal, as text, and counted."""
    if not data:
        return "nothing (0 bytes)"
    count = f"{len(data)} byte{'s' * (len(data) != 1)}"
    start, stop = _window(len(data), focus, WINDOW)
    cut = data[start:stop]
    before, after = "… " * (start > 0), " …" * (stop < len(data))
    where = f"{count}, shown from index {start}" if start else count
    return f'{before}{cut.hex(" ")}{after} "{quoted(cut)}" ({where})'


def quoted(data: bytes) -> str:
    """Octets as they would stand in a Python literal, without the quotes."""
    plain = ((each, chr(each)) for each in data)
    return "".join(_ESCAPES.get(c) or (c if 32 <= each < 127 else f"\\x{each:02x}") for each, c in plain)


def show_text(text: str, focus: int = 0) -> str:
    """Text in quotes, line ends visible."""
    start, stop = _window(len(text), focus, TEXT_WINDOW)
    cut = "".join(_ESCAPES.get(each, each) for each in text[start:stop])
    return f'"{"…" * (start > 0)}{cut}{"…" * (stop < len(text))}"'


def show_items(items: Sequence[object] | list[object], focus: int = 0) -> str:
    """A sequence, its items apart by commas; flags and other plain words without quotes."""
    if not len(items):
        return "nothing"
    if len(items) > 1 and all(isinstance(each, Packet) for each in items):
        return _show_packets([each for each in items if isinstance(each, Packet)], focus)
    start, stop = _window(len(items), focus, ITEMS)
    told = ", ".join(item(each) for each in items[start:stop])
    before, after = "…, " * (start > 0), ", …" * (stop < len(items))
    return f"{before}{told}{after}"


def _show_packets(packets: list[Packet], focus: int) -> str:
    """Several packets, each by its number and what it is; the conversation below tells the rest."""
    start, stop = _window(len(packets), focus, PACKETS)
    told = ", ".join(brief(each) for each in packets[start:stop])
    return f"{'…, ' * (start > 0)}{told}" + f", and {len(packets) - stop} more" * (stop < len(packets))


def brief(packet: Packet) -> str:
    """A packet by its number, its protocol, and its flags where it has some."""
    if packet.tcp is not None:
        return f"frame {packet.number} (TCP {packet.tcp.flags or 'without flags'})"
    return f"frame {packet.number} ({packet.summary().partition(' > ')[2].partition(' ')[2] or packet.summary()})"


def is_text(data: bytes) -> bool:
    """Whether octets are nothing but printable ASCII."""
    return bool(data) and all(32 <= each < 127 for each in data)


def item(value: object) -> str:
    """One item of a sequence: a plain word stands without quotes."""
    if isinstance(value, str) and value.isalnum() and value.isascii():
        return str(value)
    return f"({show_items(value)})" if isinstance(value, (tuple, list)) else show(value)


def like(value: object, other: object) -> str:
    """Show a value in the manner of the located one it is compared with."""
    if isinstance(other, Int) and isinstance(value, int) and not isinstance(value, bool):
        return show_int(value, bits_of(other))
    if isinstance(other, (IPv4Address, IPv6Address)):
        return str(value)
    if isinstance(other, str) and isinstance(value, str):
        return item(value) if item(other) == other else show_text(value)
    if isinstance(value, (list, tuple, set, frozenset)) and isinstance(other, (Int, Bytes)):
        return _alternatives(like(each, other) for each in value)
    return show(value)


def _alternatives(texts: Iterable[str]) -> str:
    return ", ".join(texts) or "nothing"


def _window(length: int, focus: int, size: int) -> tuple[int, int]:
    if length <= size:
        return 0, length
    start = max(0, min(focus - size // 4, length - size))
    return start, start + size


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:199]}…"
