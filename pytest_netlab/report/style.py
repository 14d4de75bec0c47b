"""How a report looks: colours as plain ANSI codes, glyphs with an ASCII twin.

pytest's terminal writer passes our string through, so the codes are ours. Paint goes on last, on text that is
already safe, cut and aligned: a painted string has no width.
"""

from __future__ import annotations

from dataclasses import dataclass

from pytest_netlab.report.printable import clip, printable

_CODES = {"wrong": "1;31", "right": "32", "strong": "1", "faint": "2", "link": "36"}
_GLYPHS = {
    "wrong": ("✗", "x"),
    "more": ("…", "..."),
    "line": ("│", "|"),
    "dash": ("─", "-"),
    "right": ("▶", ">"),
    "left": ("◀", "<"),
    "note": ("└", "`"),
    "to": ("→", "->"),
    "self": ("↺", "@"),
}


@dataclass(frozen=True, slots=True)
class Style:
    """The looks of one rendering.

    Attributes:
        width: columns.
        colour: write ANSI codes.
        ascii_only: write nothing else.
    """

    width: int = 100
    colour: bool = False
    ascii_only: bool = False

    def paint(self, text: str, manner: str) -> str:
        """Colour text that is safe and cut: `wrong`, `right`, `strong`, `faint` or `link`."""
        return f"\x1b[{_CODES[manner]}m{text}\x1b[0m" if self.colour and text else text

    def glyph(self, name: str) -> str:
        """A glyph by its meaning."""
        return _GLYPHS[name][self.ascii_only]

    def safe(self, text: str) -> str:
        """One line of prose, made safe."""
        return printable(text, ascii_only=self.ascii_only)

    def cells(self, text: str, width: int) -> str:
        """One line in which every character takes one column, cut to `width`."""
        return clip(printable(text, ascii_only=self.ascii_only, narrow=True), max(0, width), self.glyph("more"))
