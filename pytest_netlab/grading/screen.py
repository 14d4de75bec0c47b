"""What a person would see on the terminal that a program writes to, followed while it is written.

For programs that redraw: carriage returns, backspaces, cursor movement and erasing are obeyed (ECMA-48). Colour and
all else is ignored. Unlike a real terminal this one is as wide as needed, so that a long line is never broken, and
keeps what scrolled off. A line feed also returns the carriage, as terminals do by default.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Final, NamedTuple

HEIGHT: Final = 40
_TAB: Final = 8
_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[(?P<parameters>[0-?]*)[ -/]*(?P<command>[@-~])"
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|(?P<short>[ -/]*[0-Z\\^-~]))"
)
_PLAIN: Final = re.compile(r"[^\x00-\x1f\x7f]+")
_UNFINISHED: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,4096}\x1b?|[ -/]*)\Z")
_FARTHEST_COLUMN: Final = 4096
"""Where cursor movement ends; text may go on."""


class Row(NamedTuple):
    """One line of the screen: its text, and when it was last written to; later is larger."""

    text: str
    written: int


class Screen:
    """A terminal that remembers.

    Attributes:
        rows: all lines from the first one on, those that scrolled off included.
    """

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._waiting = ""
        self._cells: list[list[str]] = [[]]
        self._written = [0]
        self._clock = 0
        self._top = self._row = self._column = 0
        self._saved = (0, 0)
        self._last = ""

    @property
    def rows(self) -> list[Row]:
        """All lines."""
        return self.last_rows(len(self._cells))

    def last_rows(self, most: int) -> list[Row]:
        """The last lines, at most so many."""
        texts = ("".join(cells).rstrip() for cells in self._cells[-most:])
        return [Row(text, written) for text, written in zip(texts, self._written[-most:], strict=True)]

    def feed(self, output: bytes) -> None:
        """Show more output. It may be cut anywhere, within a character or an escape sequence too."""
        text = self._waiting + self._decode(output)
        self._waiting = ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                at = self._show(text, at)
            elif sequence := _SEQUENCE.match(text, at):
                self._obey(sequence)
                at = sequence.end()
            elif _UNFINISHED.match(text, at):
                self._waiting = text[at:]
                return
            else:
                at += 1

    def _show(self, text: str, at: int) -> int:
        """Plain text, or one control character. Returns where to go on."""
        if plain := _PLAIN.match(text, at):
            self._write(plain.group())
            return plain.end()
        match text[at]:
            case "\n" | "\v" | "\f":
                self._go(self._row + 1, 0)
                self._top = max(self._top, self._row - HEIGHT + 1)
            case "\r":
                self._column = 0
            case "\b":
                self._column = max(0, self._column - 1)
            case "\t":
                self._go(self._row, self._column + _TAB - self._column % _TAB)
        return at + 1

    def _write(self, text: str) -> None:
        cells = self._cells[self._row]
        cells.extend(" " * (self._column - len(cells)))
        cells[self._column : self._column + len(text)] = text
        self._column += len(text)
        self._last = text[-1:]
        self._touch(self._row)

    def _touch(self, row: int) -> None:
        self._clock += 1
        self._written[row] = self._clock

    def _go(self, row: int, column: int) -> None:
        self._row, self._column = max(self._top, row), min(max(0, column), max(_FARTHEST_COLUMN, self._column))
        while len(self._cells) <= self._row:
            self._cells.append([])
            self._written.append(self._clock)

    def _obey(self, sequence: re.Match[str]) -> None:
        if sequence["short"]:
            self._obey_short(sequence["short"])
        elif sequence["command"] and sequence["parameters"] in ("?1049", "?1047", "?47"):
            # Into the alternate screen or back: below all that was shown.
            self._top = len(self._cells)
            self._go(self._top, 0)
        elif sequence["command"] and not sequence["parameters"].startswith(tuple("<=>?")):
            numbers = [int(number[:6] or 0) for number in sequence["parameters"].replace(":", ";").split(";")]
            self._command(sequence["command"], numbers[0], numbers[1] if len(numbers) > 1 else 0)

    def _obey_short(self, command: str) -> None:
        if command in ("7", "8"):
            self._command("s" if command == "7" else "u", 0, 0)
        elif command in ("D", "E"):
            self._go(self._row + 1, self._column if command == "D" else 0)
        elif command == "M":
            self._go(self._row - 1, self._column)

    def _command(self, command: str, first: int, second: int) -> None:
        count = max(1, first)
        moves: dict[str, Callable[[], tuple[int, int]]] = {
            "A": lambda: (self._row - count, self._column),
            "B": lambda: (self._row + count, self._column),
            "C": lambda: (self._row, self._column + count),
            "D": lambda: (self._row, self._column - count),
            "E": lambda: (self._row + count, 0),
            "F": lambda: (self._row - count, 0),
            "G": lambda: (self._row, count - 1),
            "H": lambda: (self._top + count - 1, max(1, second) - 1),
            "d": lambda: (self._top + count - 1, self._column),
            "f": lambda: (self._top + count - 1, max(1, second) - 1),
            "u": lambda: self._saved,
        }
        if command in moves:
            row, column = moves[command]()
            self._go(min(row, self._top + HEIGHT - 1), column)
        elif command == "s":
            self._saved = (self._row, self._column)
        elif command == "J":
            self._erase_rows(first)
        elif command == "K":
            self._erase_in_row(first)
        elif command == "X":
            self._blank(self._column, self._column + count)
        elif command == "@":
            self._cells[self._row][self._column : self._column] = " " * min(count, _FARTHEST_COLUMN)
        elif command == "b":
            self._write(self._last * min(count, _FARTHEST_COLUMN))
        elif command == "P":
            del self._cells[self._row][self._column : self._column + count]

    def _erase_rows(self, which: int) -> None:
        """ED: from the cursor on, up to it, or all that is visible."""
        first = self._top if which else self._row + 1
        stop = self._row if which == 1 else len(self._cells)
        for row in range(first, stop):
            self._cells[row].clear()
        if which in (0, 1):
            self._erase_in_row(which)

    def _erase_in_row(self, which: int) -> None:
        """EL: from the cursor on, up to it, or all."""
        cells = self._cells[self._row]
        if which == 0:
            del cells[self._column :]
        elif which == 1:
            self._blank(0, self._column + 1)
        else:
            cells.clear()

    def _blank(self, start: int, stop: int) -> None:
        cells = self._cells[self._row]
        stop = min(stop, len(cells))
        if start < stop:
            cells[start:stop] = " " * (stop - start)
