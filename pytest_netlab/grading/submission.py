"""What is graded: a directory with programs, and at most one file that says how to run them.

A program NAME is looked up in this order: `netlab.toml` `[programs]`, `NAME.py`, an executable file `NAME`.
The directory is read once, as data. It is never written to, never imported, never a place where the test
runner looks for its own configuration.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_netlab.errors import UsageError
from pytest_netlab.grading import configuration
from pytest_netlab.grading.configuration import Configuration
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.snapshot import Snapshot


class ProgramMissing(Exception):
    """The submission has no such program. Says which names were looked for."""

    def __init__(self, name: str, looked_for: tuple[str, ...]) -> None:
        super().__init__(name, looked_for)
        self.name = name
        self.looked_for = looked_for

    def __str__(self) -> str:
        return f"no {self.name}: looked for {', '.join(self.looked_for)}"


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
        if self.files.is_link(configuration.NAME):
            place = directory / configuration.NAME
            raise UsageError(f"{place}: a symbolic link, which is not followed; hand in the file itself")
        text = self.files.file(configuration.NAME)
        self._configuration = (
            configuration.parse(directory / configuration.NAME, text) if text is not None else Configuration()
        )
        self.build_command = self._configuration.build

    def plain_python(self, name: str, files: Snapshot) -> str:
        """The file of the program `name` where it is one for the grading interpreter; empty where it is not."""
        own = name in self._configuration.programs or self._configuration.interpreter is not None
        return "" if own or files.file(f"{name}.py") is None else f"{name}.py"

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
            return self._configuration.programs[name]
        if files.file(f"{name}.py") is not None:
            return (self._configuration.interpreter or sys.executable, f"{name}.py")
        if files.is_executable(name):
            return (f"./{name}",)
        links = tuple(
            f"{each} (it is a symbolic link, which is not followed)"
            for each in (f"{name}.py", name)
            if files.is_link(each)
        )
        looked_for = (f"{configuration.NAME} [programs] {name}", f"{name}.py", f"an executable file {name}", *links)
        raise ProgramMissing(name, looked_for)
