"""One failure on a terminal, always in the same order.

    clause and requirement, its sentence · expected, where it is more than the sentence · actual
    the octets · the conversation
    the program's last words and how it ended · the capture · the reference · the hint

Rules: no more than `LINES` lines; what is less near to the fault shrinks first. Text from the program or from
the wire goes through `printable` before it is cut, aligned or painted. The capture's path is never cut:
people copy it.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from pytest_netlab.grading.explanation import Excerpt, Explanation, FieldRow
from pytest_netlab.report.hexdump import hexdump
from pytest_netlab.report.ladder import ladder
from pytest_netlab.report.printable import lines, printable, wrap
from pytest_netlab.report.sentences import repeats
from pytest_netlab.report.style import Style

LINES = 60
_LABEL = 12  # columns of "expected", "actual" and the like
_INDENT = 2


@dataclass(frozen=True, slots=True)
class _Room:
    """How many lines each part may take."""

    text: int
    rows: int
    fields: int
    steps: int
    output: int


_ROOMS = (
    _Room(text=6, rows=6, fields=20, steps=12, output=10),
    _Room(text=6, rows=6, fields=20, steps=10, output=6),
    _Room(text=5, rows=5, fields=12, steps=8, output=5),
    _Room(text=4, rows=4, fields=9, steps=6, output=4),
    _Room(text=3, rows=3, fields=5, steps=4, output=3),
    _Room(text=2, rows=2, fields=3, steps=2, output=2),
)


def render(
    explanation: Explanation,
    *,
    width: int = 100,
    colour: bool = False,
    ascii_only: bool = False,
    max_lines: int = LINES,
) -> str:
    """Render a failure.

    Args:
        explanation: the failure.
        width: columns of the terminal, at least 80.
        colour: write ANSI colour codes.
        ascii_only: write only ASCII.
        max_lines: lines that the text may have.

    Returns:
        Lines apart by line feeds, none at the end; with `colour` off it holds no other control character.
    """
    style = Style(max(80, width), colour, ascii_only)
    drawn: list[str] = []
    for room in _ROOMS:
        drawn = _all(explanation, style, room)
        if len(drawn) <= max_lines:
            break
    return "\n".join(drawn[:max_lines])


def render_wire(explanation: Explanation, *, width: int = 100, ascii_only: bool = False) -> str:
    """Render what the wire showed, for a failure that somebody else explains.

    Args:
        explanation: the failure; only its octets, its conversation and its capture are rendered.
        width: columns of the terminal, at least 80.
        ascii_only: write only ASCII.

    Returns:
        As `render` does, without colour.
    """
    style, room = Style(max(80, width), False, ascii_only), _ROOMS[0]
    parts = [
        _octets(explanation.excerpt, style, room) if explanation.excerpt is not None else [],
        _conversation(explanation, style, room),
        _pointers(explanation, style, room),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _all(told: Explanation, style: Style, room: _Room) -> list[str]:
    parts = [
        _heading(told, style, room),
        _difference(told, style, room),
        _octets(told.excerpt, style, room) if told.excerpt is not None else [],
        _conversation(told, style, room),
        _program(told, style, room),
        _pointers(told, style, room),
    ]
    drawn: list[str] = []
    for part in filter(None, parts):
        drawn += [""] if drawn else []
        drawn += part
    return drawn


def _heading(told: Explanation, style: Style, room: _Room) -> list[str]:
    head = style.safe(f"{told.clause}  {told.requirement}")
    first = [style.paint(f"{style.glyph('wrong')} {line}", "wrong") for line in wrap(head, style.width - 2)]
    sentence = wrap(style.safe(told.sentence), style.width - _INDENT)[: room.text]
    return first[:2] + [style.paint(" " * _INDENT + line, "strong") for line in sentence if line]


def _difference(told: Explanation, style: Style, room: _Room) -> list[str]:
    expected = "" if repeats(told.expected, told.sentence) else told.expected
    return [
        *_labelled("expected", expected, style, room, "right"),
        *_labelled("actual", told.actual, style, room, "wrong"),
        *_labelled("asserted", told.assertion, style, room, "faint"),
    ]


def _labelled(label: str, text: str, style: Style, room: _Room, manner: str = "") -> list[str]:
    """A label and its text, which keeps to its own column when it needs several lines."""
    if not text:
        return []
    safe = lines(text, ascii_only=style.ascii_only)
    broken = [piece for line in safe for piece in wrap(line, style.width - _INDENT - _LABEL)]
    if len(broken) > room.text:
        broken = [*broken[: room.text - 1], style.glyph("more")]
    labels = [label, *[""] * (len(broken) - 1)]
    painted = [style.paint(line, manner) if manner else line for line in broken]
    return [f"{'':{_INDENT}}{each:<{_LABEL}}{line}" for each, line in zip(labels, painted, strict=True)]


def _title(text: str, style: Style) -> str:
    return " " * _INDENT + style.paint(style.cells(text, style.width - _INDENT), "strong")


def _indented(drawn: list[str], by: int = 2 * _INDENT) -> list[str]:
    return [" " * by + line if line else "" for line in drawn]


def _inner(style: Style) -> Style:
    return Style(style.width - 2 * _INDENT, style.colour, style.ascii_only)


def _octets(excerpt: Excerpt, style: Style, room: _Room) -> list[str]:
    dump = hexdump(
        excerpt.data,
        excerpt.marks,
        _inner(style),
        start=excerpt.start,
        length=excerpt.length,
        rows=room.rows,
    )
    drawn = [_title(f"frame {excerpt.frame}  {excerpt.title}", style), *_indented(dump)]
    if excerpt.header:
        drawn += [_title(excerpt.header, style), *_table(excerpt.fields, style, room)]
    return drawn


def _table(fields: tuple[FieldRow, ...], style: Style, room: _Room) -> list[str]:
    """The header's fields in wire order, the wrong one marked; where room is short, those next to it."""
    center = next((index for index, row in enumerate(fields) if row.wrong), 0)
    start = max(0, min(center - room.fields // 2, len(fields) - room.fields))
    rows = fields[start : start + room.fields]
    names = [style.cells(row.name.rpartition(".")[2], 24) for row in rows]
    name_width = max(map(len, names), default=0)
    drawn = []
    for row, name in zip(rows, names, strict=True):
        mark = style.glyph("wrong") if row.wrong else " "
        line = f"{mark:<2}{row.offset:>4}  {name:<{name_width}}  {row.value}"
        cut = style.cells(line, style.width - _INDENT)
        drawn.append(" " * _INDENT + (style.paint(cut, "wrong") if row.wrong else cut))
    return drawn


def _conversation(told: Explanation, style: Style, room: _Room) -> list[str]:
    if told.ladder is None:
        return [_title("no packet was recorded", style)]
    inner = Style(style.width - _INDENT, style.colour, style.ascii_only)
    return [_title("conversation", style), *_indented(ladder(told.ladder, inner, steps=room.steps), _INDENT)]


def _program(told: Explanation, style: Style, room: _Room) -> list[str]:
    """The last of what the program printed, and how it ended."""
    drawn = []
    if told.output:
        text = told.output.decode("utf-8", "backslashreplace")
        wrapped = [
            piece
            for line in lines(text.rstrip("\r\n"), ascii_only=style.ascii_only)
            for piece in wrap(line, style.width - 2 * _INDENT - 2)
        ]
        seen = wrapped[-room.output :]
        left_out = len(wrapped) > len(seen) or told.output_omitted > 0
        drawn.append(_title("the program's output" + ", its last lines" * left_out, style))
        drawn += [f"{'':{2 * _INDENT}}{style.paint(style.glyph('line'), 'faint')} {line}" for line in seen]
    elif told.ending:
        drawn.append(_title("the program printed nothing", style))
    ending = wrap(style.safe(told.ending), style.width - 2 * _INDENT)[: room.text] if told.ending else []
    return drawn + _indented([line for line in ending if line])


def _pointers(told: Explanation, style: Style, room: _Room) -> list[str]:
    drawn = []
    if told.capture:
        path = printable(told.capture, ascii_only=style.ascii_only)
        frame = f"-g {told.excerpt.frame} " if told.excerpt is not None else ""
        command = f"wireshark {frame}{shlex.quote(path)}"
        drawn.append(f"{'':{_INDENT}}{'capture':<{_LABEL}}{style.paint(path, 'link')}")
        drawn.append(f"{'':{_INDENT}}{'open it':<{_LABEL}}{command}")
    drawn += _labelled("reference", told.reference, style, room)
    drawn += _labelled("hint", told.hint, style, room)
    return drawn
