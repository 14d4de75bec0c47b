"""What is graded: a directory with programs, and at most one file that says how to run them.

A program NAME is looked up in this order: `netlab.toml` `[programs]`, `NAME.py`, an executable file `NAME`.
The directory is read once, as data. It is never written to, never imported, never a place where the test
runner looks for its own configuration.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.snapshot import Snapshot

CONFIGURATION: Final = "netlab.toml"


class ProgramMissing(Exception):
    """The submission has no such program. Says which names were looked for."""

    def __init__(self, name: str, looked_for: tuple[str, ...]) -> None:
        super().__init__(name, looked_for)
        self.name = name
        self.looked_for = looked_for

    def __str__(self) -> str:
        return f"no {self.name}: looked for {', '.join(self.looked_for)}"


class _Build(msgspec.Struct, forbid_unknown_fields=True):
    command: list[str]


class _Python(msgspec.Struct, forbid_unknown_fields=True):
    interpreter: str


class _Configuration(msgspec.Struct, forbid_unknown_fields=True):
    programs: dict[str, list[str]] = {}
    build: _Build | None = None
    python: _Python | None = None


class Submission:
    """A directory, read.

    Attributes:
        directory: where it was read from.
        files: its content.
        build_command: what must run once before anything is graded, or None.
    """

    def __init__(self, directory: Path) -> None:
        """Read `directory`.

        Raises:
            UsageError: it does not exist, is a link, is too large, or its configuration is malformed.
        """
        self.directory = directory
        self.files: Snapshot = snapshot.take(directory)
        text = self.files.file(CONFIGURATION)
        self._configuration = _parse(directory / CONFIGURATION, text) if text is not None else _Configuration()
        build = self._configuration.build
        self.build_command = tuple(build.command) if build else None

    def command(self, name: str, files: Snapshot | None = None) -> tuple[str, ...]:
        """How to run the program `name`.

        Args:
            name: a program's name in the curriculum.
            files: where to look instead, such as what the build left.

        Raises:
            ProgramMissing: there is none.
        """
        files = files or self.files
        if name in self._configuration.programs:
            return tuple(self._configuration.programs[name])
        if files.file(f"{name}.py") is not None:
            python = self._configuration.python
            return (python.interpreter if python else sys.executable, f"{name}.py")
        if files.is_executable(name):
            return (f"./{name}",)
        looked_for = (f"{CONFIGURATION} [programs] {name}", f"{name}.py", f"an executable file {name}")
        raise ProgramMissing(name, looked_for)


def _parse(path: Path, text: bytes) -> _Configuration:
    try:
        raw = tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: not UTF-8 (byte {error.start}); save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}{_key_at(text, str(error))}") from error
    try:
        configuration = msgspec.convert(raw, _Configuration)
    except msgspec.ValidationError as error:
        raise UsageError(_located(path, text, str(error))) from error
    for key, command in _commands(configuration):
        if not command or not command[0]:
            raise UsageError(f"{path}, line {_line_of(text, key)}: {key}: a command needs at least one word")
    return configuration


def _commands(configuration: _Configuration) -> list[tuple[str, list[str]]]:
    commands = list(configuration.programs.items())
    if configuration.build:
        commands.append(("command", configuration.build.command))
    return commands


def _located(path: Path, text: bytes, problem: str) -> str:
    """Turn msgspec's `… - at `$.programs.x`` or `unknown field `x`` into file, line and key."""
    keys = re.findall(r"`\$\.?([^`]*)`", problem)
    unknown = re.search(r"unknown field `([^`]*)`", problem)
    dotted = [part for part in (keys[0] if keys else "").replace("[...]", "").split(".") if part]
    if unknown:
        dotted.append(unknown.group(1))
    what = problem.split(" - at ")[0]
    key = ".".join(dotted)
    line = _line_of(text, dotted[-1]) if dotted else 1
    return f"{path}, line {line}: {key}: {what}; see the documentation of {CONFIGURATION} for what may stand there"


def _key_at(text: bytes, problem: str) -> str:
    """The key on the line that a TOML error names."""
    found = re.search(r"line (\d+)", problem)
    if not found:
        return ""
    lines = text.decode("utf-8").splitlines()
    number = int(found.group(1))
    if not 1 <= number <= len(lines):
        return ""
    return f": {lines[number - 1].strip()[:60]!r}"


def _line_of(text: bytes, key: str) -> int:
    """The first line on which `key` stands as a key or a table's name."""
    pattern: Any = re.compile(rf"^\s*\[?\s*(?:[\w.\"'-]+\.)?[\"']?{re.escape(key)}[\"']?\s*[\]=]", re.MULTILINE)
    found = pattern.search(text.decode("utf-8"))
    return text.decode("utf-8")[: found.start()].count("\n") + 1 if found else 1
