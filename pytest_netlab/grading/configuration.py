"""`netlab.toml`: the one file of a submission that says how its programs are run.

    [programs]  NAME = ["command", "argument"]      any language; run in the submission's copy
    [build]     command = ["make"]                  runs once, before anything is graded
    [python]    interpreter = "python3.13"          instead of the grading interpreter, for NAME.py

Whatever else stands in it is refused, with file, line and key: a misspelt key must not grade something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from pytest_netlab.errors import UsageError
from pytest_netlab.grading.toml_text import Key, TomlProblem, TomlText, kind_of

NAME: Final = "netlab.toml"


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
    try:
        text = TomlText(data)
    except TomlProblem as problem:
        raise UsageError(f"{path}, {problem}") from problem
    return _Reader(path, text).configuration()


class _Reader:
    """One file, and what its tables come to."""

    def __init__(self, path: Path, text: TomlText) -> None:
        self._path = path
        self._file = text
        self._tables = text.tables

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
            self._refuse((name,), f"a table, [{name}], and not {kind_of(table)}")
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
            self._refuse(key, f'a command is a list of words, ["command", "argument"], and not {kind_of(value)}')
        if not value:
            self._refuse(key, "a command needs at least one word")
        return (self._word(key, value[0]), *(self._text(key, word) for word in value[1:]))

    def _word(self, key: Key, value: object) -> str:
        if value == "":
            self._refuse(key, "the name of a command is not empty")
        return self._text(key, value)

    def _text(self, key: Key, value: object) -> str:
        if not isinstance(value, str):
            self._refuse(key, f"a word is a string, and not {kind_of(value)}")
        if "\0" in value:
            self._refuse(key, "no command line can hold a NUL character")
        return value

    def _refuse(self, key: Key, problem: str) -> NoReturn:
        raise UsageError(f"{self._path}, line {self._file.line_of(key)}: {'.'.join(key)}: {problem}")
