"""A TOML file of a submission: its values, and the lines on which its keys stand.

A person mends a file by line and key, and the parser of the standard library tells neither of a key that is
missing or has the wrong kind of value. Refuses what is not UTF-8 and what is not TOML.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

_HEADER: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_ASSIGNMENT: Final = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")

Key = tuple[str, ...]


class TomlProblem(Exception):
    """The file is not what it should be; says where, beginning with the line."""


class TomlText:
    """A file that was read.

    Attributes:
        tables: what TOML makes of it.
    """

    def __init__(self, data: bytes) -> None:
        """Read it.

        Raises:
            TomlProblem: it is not UTF-8, or not TOML.
        """
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise TomlProblem(f"line {line}: not UTF-8 (byte {error.start}); save the file as UTF-8") from error
        self._lines = text.splitlines()
        try:
            self.tables: dict[str, Any] = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise TomlProblem(self._not_toml(str(error))) from error

    def line_of(self, key: Key) -> int:
        """The line on which `key` is given, or the one on which as much of it as possible is."""
        best = (0, 1)
        for number, found in self._keys():
            common = len(found) if found == key[: len(found)] else 0
            best = max(best, (common, number)) if common > best[0] else best
        return best[1]

    def _keys(self) -> Iterator[tuple[int, Key]]:
        """Table headers and assignments, by line."""
        table: Key = ()
        for number, line in enumerate(self._lines, 1):
            if header := _HEADER.match(line):
                table = _split(header[1])
                yield number, table
            elif assignment := _ASSIGNMENT.match(line):
                yield number, table + _split(assignment[1])

    def _not_toml(self, problem: str) -> str:
        found = re.search(r"line (\d+)", problem)
        number = min(int(found[1]), len(self._lines)) if found else len(self._lines)
        shown = self._lines[number - 1].strip()[:60] if self._lines else ""
        return f"line {number}: not TOML: {problem}: {shown!r}"


def kind_of(value: object) -> str:
    """What a person calls a value of this type."""
    names = {
        str: "a string",
        bool: "a truth value",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), "a date or time")


def _split(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in _KEY.findall(dotted))
