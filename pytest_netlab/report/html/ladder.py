"""A conversation as places on a drawing: hosts as lifelines, time downwards, an arrow for each packet.

Owns numbers, not looks: the template draws what stands here. Widths of text are estimated, for nobody measures fonts
before the page is opened; labels are set in a fixed-width font, of which one character takes `CHARACTER` units.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Final

from pytest_netlab.grading.explanation import Ladder, Step

CHARACTER: Final = 7.3
_NOTE_CHARACTER: Final = 6.7
GUTTER: Final = 124.0
"""Units left of the first host: frame number and time."""
_MARGIN: Final = 74.0
_NARROWEST, _WIDEST = 190.0, 500.0
_LARGEST: Final = 900.0
_HEAD: Final = 58.0
_ROW: Final = 40.0
_NOTE: Final = 17.0
MOST_HOSTS: Final = 5


@dataclass(frozen=True, slots=True)
class Host:
    """A lifeline."""

    x: float
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Note:
    """A line of text below an arrow."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """One packet.

    Attributes:
        step: what it is.
        y: of the arrow's line.
        start: x of its tail.
        end: x of its head.
        label_x: middle of its label.
        label: cut to the room there is.
        notes: below it.
        top: of the band behind it.
        height: of that band.
    """

    step: Step
    y: float
    start: float
    end: float
    label_x: float
    label: str
    notes: tuple[Note, ...]
    top: float
    height: float

    @property
    def to_itself(self) -> bool:
        """Whether it goes back to the host that it came from."""
        return self.start == self.end

    @property
    def sign(self) -> int:
        """1 where it points to the right, else -1."""
        return 1 if self.end >= self.start else -1


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole ladder; `hosts` is empty where there are too many to stand side by side."""

    width: float
    height: float
    hosts: tuple[Host, ...]
    arrows: tuple[Arrow, ...]
    steps: tuple[Step, ...]
    before: int
    after: int


def draw(conversation: Ladder) -> Drawing:
    """Place a conversation."""
    steps = conversation.steps
    talking = dict.fromkeys(host for step in steps for host in (step.source, step.destination))
    names = [host for host in dict.fromkeys((*conversation.hosts, *talking)) if host in talking]
    after = conversation.omitted - conversation.omitted_before
    if len(names) > MOST_HOSTS:
        return Drawing(0, 0, (), (), steps, conversation.omitted_before, after)
    gap = _gap(steps, {name: index for index, name in enumerate(names)})
    at = {name: GUTTER + _MARGIN + index * gap for index, name in enumerate(names)}
    width = GUTTER + 2 * _MARGIN + gap * max(1, len(names) - 1)
    arrows: list[Arrow] = []
    y = _HEAD
    for step in steps:
        arrows.append(_arrow(step, at, y, width))
        y += arrows[-1].height
    hosts = tuple(Host(at[name], *_split(name)) for name in names)
    return Drawing(width, y + 10, hosts, tuple(arrows), steps, conversation.omitted_before, after)


def _split(name: str) -> tuple[str, str]:
    """`student 10.77.0.2` is a name and an address; an address alone is a name."""
    first, _, rest = name.partition(" ")
    return first, rest


def _gap(steps: tuple[Step, ...], order: dict[str, int]) -> float:
    """Between neighbours, so that most labels fit above their arrows."""
    wanted = _NARROWEST
    for step in steps:
        spans = max(1, abs(order[step.source] - order[step.destination]))
        wanted = max(wanted, (len(step.label) * CHARACTER + 44) / spans)
    most = (_LARGEST - GUTTER - 2 * _MARGIN) / max(1, len(order) - 1)
    return round(min(wanted, _WIDEST, max(most, _NARROWEST)))


def _arrow(step: Step, at: dict[str, float], top: float, width: float) -> Arrow:
    start, end = at[step.source], at[step.destination]
    y = top + 28
    left, right = min(start, end), max(start, end)
    if start == end:
        right = width - 8
    room = int((right - left - 20) / CHARACTER)
    notes = _notes(step, left + 12, y + 17, width - 12)
    return Arrow(
        step=step,
        y=y,
        start=start,
        end=end,
        label_x=(left + right) / 2,
        label=step.label if len(step.label) <= room else f"{step.label[: max(1, room - 1)]}…",
        notes=notes,
        top=top,
        height=_ROW + len(notes) * _NOTE,
    )


def told(step: Step) -> str:
    """What is said of a packet below its arrow."""
    untold = step.fate == "dropped" and "dropped" not in step.note
    return "; ".join(filter(None, (step.note, "dropped by the receiver: a checksum is bad" if untold else "")))


def _notes(step: Step, x: float, y: float, right: float) -> tuple[Note, ...]:
    columns = max(20, int((right - x) / _NOTE_CHARACTER))
    lines = textwrap.wrap(told(step), columns)
    return tuple(Note(x, y + index * _NOTE, line) for index, line in enumerate(lines))
