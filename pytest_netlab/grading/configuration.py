"""`netlab.toml`: the one file of a submission that says how its programs are run.

    [programs]  NAME = ["command", "argument"]      any language; run in the submission's copy
    [build]     command = ["make"]                  runs once, before anything is graded
    [python]    interpreter = "python3.13"          instead of the grading interpreter, for NAME.py

Whatever else stands in it is refused, with file, line and key: a misspelt key must not grade something else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from pytest_netlab.errors import UsageError

NAME: Final = "netlab.toml"

_HEADER: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_ASSIGNMENT: Final = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a submission says of itself.

    Attributes:
        programs: commands by the curriculum's names.
        build: the command that runs before anything is graded, or None.
        interpreter: what runs `NAME.py`, or None for the grading interpreter.
    """

    programs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    build: tuple[str, ...] | None = None
    interpreter: str | None = None


def parse(path: Path, data: bytes) -> Configuration:
    """Read the content of the file at `path`.

    Raises:
        UsageError: it is malformed; names file, line and key.
    """
    return _Reader(path, _decoded(path, data)).configuration()


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: not UTF-8 (byte {error.start}); save the file as UTF-8") from error


class _Reader:
    """One file: its text, for the line numbers, and the tables that TOML makes of it."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        try:
            self._tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(self._not_toml(str(error))) from error

    def configuration(self) -> Configuration:
        known = {"programs", "build", "python"}
        for name in self._tables:
            if name not in known:
                self._refuse((name,), f"no such table; there are {', '.join(sorted(known))}")
        programs = {name: self._command(("programs", name)) for name in self._table("programs")}
        build = self._table("build", "command")
        python = self._table("python", "interpreter")
        return Configuration(
            programs,
            self._command(("build", "command")) if build else None,
            self._word(("python", "interpreter"), python["interpreter"]) if python else None,
        )

    def _table(self, name: str, only: str | None = None) -> dict[str, Any]:
        """The table `name`; where `only` is given, it holds that key and no other."""
        table = self._tables.get(name)
        if table is None:
            return {}
        if not isinstance(table, dict):
            self._refuse((name,), f"a table, [{name}], and not {_kind(table)}")
        if only is not None:
            for key in table:
                if key != only:
                    self._refuse((name, key), f"no such key; there is {only}")
            if only not in table:
                self._refuse((name,), f"the key {only} is missing")
        return table

    def _command(self, key: Key) -> tuple[str, ...]:
        value = self._tables[key[0]][key[1]]
        if not isinstance(value, list):
            self._refuse(key, f'a command is a list of words, ["command", "argument"], and not {_kind(value)}')
        if not value:
            self._refuse(key, "a command needs at least one word")
        words = tuple(self._word(key, word) for word in value[:1]) + tuple(self._text(key, word) for word in value[1:])
        return words

    def _word(self, key: Key, value: object) -> str:
        if value == "":
            self._refuse(key, "the name of a command is not empty")
        return self._text(key, value)

    def _text(self, key: Key, value: object) -> str:
        if not isinstance(value, str):
            self._refuse(key, f"a word is a string, and not {_kind(value)}")
        if "\0" in value:
            self._refuse(key, "no command line can hold a NUL character")
        return value

    def _refuse(self, key: Key, problem: str) -> NoReturn:
        raise UsageError(f"{self._path}, line {self._line_of(key)}: {'.'.join(key)}: {problem}")

    def _line_of(self, key: Key) -> int:
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
        return f"{self._path}, line {number}: not TOML: {problem}: {shown!r}"


def _split(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in _KEY.findall(dotted))


def _kind(value: object) -> str:
    names = {
        str: "a string",
        bool: "a truth value",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), "a date or time")
