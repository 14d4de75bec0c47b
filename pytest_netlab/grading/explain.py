"""Puts an explanation together: clause, failure, octets, conversation, and the program's last words.

    compare   an assertion's operator and operands → what was expected and which octets disagree
    explain   everything that is known of a failure → an `Explanation`, ready to be rendered anywhere

A part that cannot be told is left out. Nothing here renders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pytest_netlab.grading import conversation
from pytest_netlab.grading.compare import Comparison, compare
from pytest_netlab.grading.excerpt import excerpt
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.fault import find_checksum, misplaced, swapped, with_hexadecimal
from pytest_netlab.wire import Frame, Packet, Span

OUTPUT_TAIL = 4096
"""Octets of the program's output that an explanation carries."""


class Clause(Protocol):
    """What an explanation needs to know of a clause."""

    @property
    def id(self) -> str: ...
    @property
    def requirement(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def reference(self) -> str: ...
    @property
    def hint(self) -> str: ...


class Told(Protocol):
    """A failure in words, perhaps with near misses: `wire.Missing`, `evidence.Halt`, `Stated`."""

    @property
    def expected(self) -> str: ...
    @property
    def actual(self) -> str: ...
    @property
    def closest(self) -> Sequence[Packet]: ...


@dataclass(frozen=True, slots=True)
class Stated:
    """A failure in words alone."""

    expected: str
    actual: str
    closest: tuple[Packet, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fault:
    """A failure with its place: what to say, what to show, what to mark."""

    expected: str
    actual: str
    frame: Frame | None
    span: Span | None
    near: Frame | None = None
    title: str = ""
    note: str = ""


def explain(
    clause: Clause,
    failure: Comparison | Told,
    packets: Sequence[Packet],
    *,
    about: Sequence[Packet] = (),
    output: bytes = b"",
    ending: str = "",
    capture: str = "",
    assertion: str = "",
    names: Mapping[str, str] | None = None,
) -> Explanation:
    """Explain why a clause failed.

    Args:
        clause: the clause.
        failure: what `compare` made of the assertion, or a failure in words (`Missing`, `Halt`, `Stated`).
        packets: the whole recording.
        about: the packets that the test looked at, such as its fixtures' values; a checksum's verdict is
            looked up there before it is looked up in the recording.
        output: everything the program printed.
        ending: how it ended, as a sentence.
        capture: path of the kept capture, or empty.
        assertion: source line of the assertion, or empty.
        names: names of hosts, by address.
    """
    fault = _locate(failure, packets, about, assertion)
    shown = excerpt(fault.frame, fault.span, fault.title) if fault.frame is not None else None
    subject = fault.frame or fault.near or (about[0].frame if about else None)
    mark = fault.frame is not None
    return Explanation(
        clause=clause.id,
        requirement=clause.requirement,
        sentence=clause.sentence,
        reference=clause.reference,
        hint=clause.hint,
        expected=fault.expected,
        actual=fault.actual,
        excerpt=shown,
        ladder=conversation.ladder(packets, subject, names or {}, fault.note, mark=mark),
        output=output[-OUTPUT_TAIL:],
        output_omitted=max(0, len(output) - OUTPUT_TAIL),
        ending=ending,
        capture=capture,
        assertion=assertion.strip(),
    )


def _locate(failure: Comparison | Told, packets: Sequence[Packet], about: Sequence[Packet], assertion: str) -> _Fault:
    if isinstance(failure, Comparison):
        found = find_checksum(failure, (*about, *packets), assertion)
        return _Fault(found.expected, found.actual, found.frame, found.span, found.near)
    closest = list(failure.closest)
    span = misplaced(failure.expected, closest)
    expected = with_hexadecimal(failure.expected)
    actual = with_hexadecimal(failure.actual) + swapped(failure.expected, span, closest)
    if not closest:
        return _Fault(expected, actual, None, None)
    if failure.actual.startswith("none"):
        note = "closest to what was expected"
        return _Fault(expected, actual, closest[0].frame, span, title="closest: ", note=note)
    if len(closest) > 1:
        return _Fault(expected, actual, closest[1].frame, None, note="one too many")
    return _Fault(expected, actual, closest[0].frame, span)


__all__ = ["Clause", "Comparison", "Stated", "Told", "compare", "explain"]
