"""What a failed comparison means: what was expected, what was there, and which octets hold it.

pytest hands over the operator and both operands of a failed assertion; `compare` reads them as
`assert actual == expected`. Where only the right one was read from a frame, it is the actual one.

Rules:
* A value at fault is narrowed to what differs: the octet of a payload, the item of a list.
* Both sides are shown in the same manner, so that the eye can compare them.
* Nothing here looks at a recording: a checksum's verdict has no place of its own, and `fault` finds it there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TypeGuard

from pytest_netlab.grading.shown import (
    bits_of,
    brief,
    is_text,
    item,
    like,
    quoted,
    show,
    show_bytes,
    show_items,
    show_text,
)
from pytest_netlab.wire import Bytes, Checksum, Frame, Header, Int, Packet, Span, located

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ORDER = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A failed comparison.

    Attributes:
        expected: what was asked for, in words and numbers.
        actual: what was there.
        frame: the frame at fault, None where no operand was read from one.
        span: the place in it, None where it is the whole frame.
        near: a frame of the conversation, where something is missing rather than wrong.
        checksum: the verdict on a checksum that was not what it should be.
    """

    expected: str
    actual: str
    frame: Frame | None = None
    span: Span | None = None
    near: Frame | None = None
    checksum: Checksum | None = None


def compare(op: str, left: object, right: object) -> Comparison | None:
    """Explain why `left op right` does not hold; None for an operator that is no comparison."""
    if op in ("in", "not in"):
        return _membership(left, right, wanted=op == "in")
    if place(left) is None and place(right) is not None and not _is_empty(left):
        left, right, op = right, left, _MIRRORED.get(op, op)
    if op in ("==", "is"):
        return _equal(left, right)
    if op in ("!=", "is not"):
        expected = "something" if right is None else f"anything but {like(right, left)}"
        if right is Checksum.BAD:
            expected = show(Checksum.GOOD)
        return _at(left, Comparison(expected, like(left, right) if place(left) is None else show(left)))
    if op in _ORDER:
        told = "any strict subset or superset of" if isinstance(left, Set) else _ORDER[op]
        return _at(left, Comparison(f"{told} {like(right, left)}", show(left)))
    return None


def place(value: object) -> tuple[Frame, Span | None] | None:
    """Say which frame, and where known which octets, a value stands for."""
    found = located(value)
    if found is not None:
        return found
    if isinstance(value, Packet):
        return value.frame, None
    if isinstance(value, Header):
        return value.frame, Span(value.layer, value.offset, value.header_length)
    if isinstance(value, (list, tuple)) or (isinstance(value, Sequence) and hasattr(value, "payloads")):
        return next(filter(None, map(place, value)), None)
    return None


def _at(value: object, comparison: Comparison) -> Comparison:
    where = place(value)
    if where is None:
        return replace(comparison, checksum=value) if isinstance(value, Checksum) else comparison
    return replace(comparison, frame=where[0], span=where[1])


def _equal(actual: object, expected: object) -> Comparison:
    if isinstance(actual, bytes) and isinstance(expected, (bytes, bytearray)):
        return _octets(actual, bytes(expected))
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        return _mappings(actual, expected)
    if isinstance(actual, Set) and isinstance(expected, Set):
        return _sets(actual, expected)
    if _is_sequence(actual) and _is_sequence(expected):
        return _sequences(actual, expected)
    if isinstance(actual, str) and isinstance(expected, str) and located(actual) is None:
        at = _common(actual, expected)
        return Comparison(show_text(expected, at), show_text(actual, at))
    shown = Comparison(like(expected, actual) + _origin(expected, actual), _shown_beside(actual, expected))
    return _at(actual, shown)


def _shown_beside(actual: object, expected: object) -> str:
    """The actual value, with a remark where its octets are merely in the wrong order."""
    told = item(actual) if isinstance(actual, str) and located(actual) is not None else show(actual)
    if not isinstance(actual, Int) or not isinstance(expected, int) or bits_of(actual) % 16:
        return told
    width = bits_of(actual) // 8
    if not 0 <= expected < 1 << 8 * width or int(actual) == expected:
        return told
    swapped = expected.to_bytes(width, "big") == int(actual).to_bytes(width, "little")
    return f"{told}, the same bytes in the wrong order" if swapped else told


def _origin(expected: object, actual: object) -> str:
    """Where an expected value was read, when it was read from another frame."""
    here, there = located(expected), located(actual)
    if here is None or there is None or here[0].number == there[0].number:
        return ""
    return f", as {here[1].name} in frame {here[0].number}"


def _octets(actual: bytes, expected: bytes) -> Comparison:
    at = _common(actual, expected)
    told = show_bytes(actual, at) + _octet_remark(actual, expected, at)
    shown = Comparison(show_bytes(expected, at), told)
    if not isinstance(actual, Bytes):
        return shown
    span = actual.span
    if at < len(actual):
        stop = len(actual) if len(actual) > len(expected) else _last_difference(actual, expected) + 1
        span = Span(span.name, span.offset + at, max(1, stop - at))
    return replace(shown, frame=actual.frame, span=span)


def _octet_remark(actual: bytes, expected: bytes, at: int) -> str:
    if not actual or len(actual) == len(expected) == 1:
        return ""
    if at == len(expected):
        more = actual[at:]
        what = f"{len(more)} too many, from index {at}: {more[:8].hex(' ')}{' …' * (len(more) > 8)}"
    elif at == len(actual):
        left = len(expected) - at
        what = f"ends {left} byte{'s' * (left != 1)} early"
    else:
        what = f"index {at} is {actual[at]:02x}, not {expected[at]:02x}"
    return f"; {what}"


def _common(actual: Sequence[object], expected: Sequence[object]) -> int:
    """Length of the common beginning."""
    for index, (here, there) in enumerate(zip(actual, expected, strict=False)):
        if here != there:
            return index
    return min(len(actual), len(expected))


def _last_difference(actual: bytes, expected: bytes) -> int:
    pairs = list(zip(actual, expected, strict=False))
    return max((index for index, (here, there) in enumerate(pairs) if here != there), default=len(actual) - 1)


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _is_empty(value: object) -> bool:
    """Whether a value is a sequence of nothing: what was found, when something else was asked for."""
    return _is_sequence(value) and not len(value)


def _sequences(actual: Sequence[object], expected: Sequence[object]) -> Comparison:
    at = _common(actual, expected)
    if not len(expected) and all(isinstance(each, Packet) for each in actual):
        return _at(actual[0], Comparison("no such packet", show_items(actual)))
    remark = _item_remark(actual, expected, at)
    shown = Comparison(_repeated(expected) or show_items(expected, at), f"{show_items(actual, at)}{remark}")
    if at < len(actual):
        here = actual[at]
        inner = _equal(here, expected[at]) if at < len(expected) else _at(here, shown)
        return replace(shown, frame=inner.frame, span=inner.span)
    where = place(actual[-1]) if len(actual) else None
    return replace(shown, near=where[0]) if where else shown


def _listed(items: Sequence[object]) -> str:
    """Items as they stand in a list of several."""
    return ", ".join(brief(each) if isinstance(each, Packet) else item(each) for each in items)


def _repeated(items: Sequence[object]) -> str:
    """`4 times 0d 0a`, for a sequence of one and the same; empty for any other."""
    same = len(items) > 2 and all(each == items[0] for each in items)
    return f"{len(items)} times {item(items[0])}" if same else ""


def _item_remark(actual: Sequence[object], expected: Sequence[object], at: int) -> str:
    if at == len(actual):
        return f"; {_listed(expected[at:])} missing at the end" if actual else ""
    if at >= len(expected):
        return f"; number {at + 1} is one too many" if expected else ""
    return f"; number {at + 1} is {_listed([actual[at]])}, not {_listed([expected[at]])}" if len(expected) > 1 else ""


def _sets(actual: Set[object], expected: Set[object]) -> Comparison:
    missing, extra = set(expected) - set(actual), set(actual) - set(expected)
    remark = f"; missing: {show(missing)}" * bool(missing) + f"; not expected: {show(extra)}" * bool(extra)
    shown = Comparison(show(expected), show(actual) + remark)
    return _at(next(iter(sorted(extra, key=str)), None), shown)


def _mappings(actual: Mapping[object, object], expected: Mapping[object, object]) -> Comparison:
    keys = dict.fromkeys((*expected, *actual))
    wrong = [key for key in keys if actual.get(key, _ABSENT) != expected.get(key, _ABSENT)][:12]
    return Comparison(_entries(expected, wrong), _entries(actual, wrong))


def _entries(mapping: Mapping[object, object], keys: list[object]) -> str:
    return ", ".join(f"{key}: {show(mapping[key]) if key in mapping else 'missing'}" for key in keys)


def _membership(left: object, right: object, *, wanted: bool) -> Comparison:
    if isinstance(right, (str, bytes)):
        return _contained(left, right, wanted=wanted)
    literal = isinstance(right, (tuple, set, frozenset, range)) and place(right) is None
    if literal or isinstance(left, Checksum) or place(left) is not None:
        quantity = "one of" if wanted else "none of"
        if isinstance(right, range):
            quantity = "within" if wanted else "outside"
        return _at(left, Comparison(f"{quantity} {_choices(right, left)}", show(left)))
    told = item(left)
    return _at(right, Comparison(f"{told} among them" if wanted else f"no {told} among them", show(right)))


def _choices(right: object, left: object) -> str:
    if isinstance(right, (tuple, list)) and all(isinstance(each, bytes) and is_text(each) for each in right):
        return ", ".join(f'"{quoted(each)}"' for each in right)
    if isinstance(right, (list, tuple, set, frozenset)):
        choices = sorted(right, key=str) if isinstance(right, (set, frozenset)) else list(right)
        return ", ".join(like(each, left) for each in choices[:12]) + ", …" * (len(choices) > 12)
    return show(right)


def _contained(left: object, right: str | bytes, *, wanted: bool) -> Comparison:
    """A part of a text or of octets: that it is there, or that it is not."""
    told = f'"{quoted(left)}"' if isinstance(left, bytes) else show(left)
    if wanted:
        return _at(right, Comparison(f"{told} in it", show(right)))
    at = _find(left, right)
    shown = Comparison(f"no {told} in it", f"{show(right, max(0, at))}; {told} at index {at}")
    if isinstance(right, Bytes) and isinstance(left, bytes) and at >= 0:
        span = Span(right.span.name, right.span.offset + at, len(left))
        return replace(shown, frame=right.frame, span=span)
    return _at(right, shown)


def _find(part: object, whole: str | bytes) -> int:
    if isinstance(whole, bytes):
        return whole.find(part) if isinstance(part, bytes) else -1
    return whole.find(part) if isinstance(part, str) else -1
