"""Octets as a hex dump, sixteen a line, the wrong ones underlined and named on the line below.

    0020  00 00 4e 20 00 09 7e 3c  61                       ..N ..~<a
                                   ^^ udp.payload: 61 "a"

A long dump keeps the lines nearest to the first mark and says what it leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_netlab.grading.explanation import FieldRow
from pytest_netlab.report.style import Style

ROW = 16
_HEX = 6  # column of the first octet
_TEXT = _HEX + 3 * ROW + 2  # column of the first character


def hexdump(
    data: bytes, marks: Sequence[FieldRow], style: Style, *, start: int = 0, length: int = 0, rows: int = 8
) -> list[str]:
    """Draw octets.

    Args:
        data: the octets, or a window on them.
        marks: the places to underline, with offsets counted as `start` is.
        style: looks; a dump needs 73 columns.
        start: offset of the first octet, a multiple of 16.
        length: of everything, where `data` is a window.
        rows: lines of octets to show at most.
    """
    present = max(1, -(-len(data) // ROW), *(1 + (mark.offset - start) // ROW for mark in marks if not mark.width))
    chosen = _choose(present, [(mark.offset - start) // ROW for mark in marks], rows)
    drawn: list[str] = []
    last = -1
    for row in chosen:
        drawn += _gap(style, (row - last - 1) * ROW + (start if last < 0 else 0))
        drawn += _draw(data, marks, style, start, row, named=row == _naming_row(marks, start, chosen))
        last = row
    end = start + min(len(data), (last + 1) * ROW)
    return drawn + _gap(style, max(length, start + len(data)) - end)


def _choose(present: int, marked: list[int], rows: int) -> list[int]:
    """The rows to show: nearest to the first mark, half a row's preference for those before it."""
    center = min(marked, default=0)
    nearest = sorted(range(present), key=lambda row: abs(row - center - 0.25))
    return sorted(nearest[: max(1, rows)])


def _naming_row(marks: Sequence[FieldRow], start: int, chosen: list[int]) -> int:
    """The last shown row that holds a mark: the marks are named there, below all carets."""
    ends = [(mark.offset - start + max(0, mark.width - 1)) // ROW for mark in marks]
    return max((row for row in chosen if row <= max(ends, default=-1)), default=-1)


def _gap(style: Style, octets: int) -> list[str]:
    if octets <= 0:
        return []
    return [style.paint(f"{style.glyph('more'):<4}  {octets} bytes", "faint")]


def _draw(data: bytes, marks: Sequence[FieldRow], style: Style, start: int, row: int, *, named: bool) -> list[str]:
    base = row * ROW
    here = [(mark.offset - start, mark.offset - start + max(1, mark.width)) for mark in marks]
    wrong = {at for at in range(base, base + ROW) if any(first <= at < last for first, last in here)}
    cells = [(index, data[index] if index < len(data) else None) for index in range(base, base + ROW)]
    octets = "".join(_octet(value, index in wrong, index - base, style) for index, value in cells)
    shown = _inert("".join(_character(value) for _, value in cells))
    text = "".join(
        style.paint(each, "wrong") if index in wrong else each for (index, _), each in zip(cells, shown, strict=False)
    )
    drawn = [f"{style.paint(f'{start + base:04x}', 'faint')}  {octets}  {text}".rstrip()]
    carets = "".join(_caret(index in wrong, index - base) for index, _ in cells).rstrip()
    notes = [style.cells(f"{mark.name}: {mark.value}", style.width) for mark in marks] if named else []
    return drawn + (_underline(carets, notes, style) if carets else [])


def _octet(value: int | None, wrong: bool, column: int, style: Style) -> str:
    text = "  " if value is None else f"{value:02x}"
    space = " " if column < ROW - 1 else ""
    gap = " " if column == 7 else ""
    return (style.paint(text, "wrong") if wrong and value is not None else text) + space + gap


def _character(value: int | None) -> str:
    return "" if value is None else chr(value) if 32 <= value < 127 else "."


def _inert(row: str) -> str:
    """A row of characters that a CI runner does not take for a command, see `printable`."""
    return row.replace("##[", ".#[")


def _caret(wrong: bool, column: int) -> str:
    return ("^^" if wrong else "  ") + " " + (" " if column == 7 else "")


def _underline(carets: str, notes: list[str], style: Style) -> list[str]:
    """The carets with the first note behind them where there is room, else below them."""
    line = " " * _HEX + carets
    drawn = []
    if notes and len(line) + 1 + len(notes[0]) <= style.width:
        line = f"{line} {notes.pop(0)}"
    drawn.append(style.paint(line, "wrong"))
    return drawn + [style.paint(" " * _HEX + style.cells(note, style.width - _HEX), "wrong") for note in notes]
