"""What a person brings into the lab to run there: a program of theirs, and the directory that it stands in.

A program is found as a shell would find it, and otherwise as a grading would:

    a file           `.py` runs with the interpreter that runs us, in a fresh copy of its directory; any other must
                     be executable
    a command        on the lab's PATH (curl, ping, nc), in a fresh copy of the working directory

Nothing is ever written to the directory itself.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.program import environment
from pytest_netlab.lab.snapshot import Snapshot


class Visit(NamedTuple):
    """What is run.

    Attributes:
        argv: command and arguments.
        files: what its directory holds.
        remark: something that the user ought to know; empty for nothing.
    """

    argv: tuple[str, ...]
    files: Snapshot
    remark: str = ""


def find(program: str, arguments: tuple[str, ...]) -> Visit:
    """Find a program.

    Args:
        program: a path, or a command's name.
        arguments: for it.

    Raises:
        UsageError: there is no such program, or it cannot be run.
    """
    path = Path(program)
    if path.is_dir():
        raise UsageError(f"{program} is a directory; name the program in it")
    if path.is_file() and (os.sep in program or path.suffix == ".py" or not _command(program)):
        files = snapshot.take(path.resolve().parent)
        name = path.resolve().name
        if path.suffix == ".py":
            return Visit((sys.executable, name, *arguments), files)
        if not os.access(path, os.X_OK):
            raise UsageError(f"{program} is not executable; chmod +x {program}, or run it with its interpreter")
        return Visit((f"./{name}", *arguments), files)
    if os.sep in program and not _command(program):
        raise UsageError(f"{program}: no such file")
    if not _command(program):
        raise UsageError(f"{program}: no such file here, and no such command in {environment()['PATH']}")
    return Visit((program, *arguments), *working_directory())


def _command(program: str) -> str | None:
    return shutil.which(program, path=environment()["PATH"])


def working_directory() -> tuple[Snapshot, str]:
    """A copy of the working directory; where it cannot be had, an empty one and the reason."""
    try:
        return snapshot.take(os.getcwd()), ""
    except UsageError as error:
        reason = str(error).partition(";")[0]
        return Snapshot(), f"The program's directory is empty, for yours cannot be copied ({reason})."


def bring_back(left: Snapshot, brought: Snapshot, directory: Path) -> list[str]:
    """Write what a program made or changed into `directory`.

    Args:
        left: its directory as it left it.
        brought: as it was given to it.
        directory: made where it is missing; a file that stands there already is never replaced.

    Returns:
        The names written.

    Raises:
        UsageError: a file of that name is there, or the directory cannot be written.
    """
    before = {(entry.path, entry.kind, entry.data) for entry in brought.entries}
    new = [entry for entry in left.entries if (entry.path, entry.kind, entry.data) not in before]
    written = []
    for entry in new:
        target = directory / os.fsdecode(entry.path)
        if entry.kind != "file":
            continue  # directories come with their files; a link could lead anywhere
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "xb") as file:
                file.write(entry.data)
        except OSError as error:
            raise UsageError(f"--keep {directory}: {target}: {error.strerror}; nothing is overwritten") from error
        written.append(os.fsdecode(entry.path))
    return written
