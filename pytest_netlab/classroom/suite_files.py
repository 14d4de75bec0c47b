"""Which suites a class is graded by, and their digest: part of what makes a grading up to date."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from pytest_netlab.errors import UsageError

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_NOT_SUITES: Final = frozenset({"solutions", "__pycache__"})


def directory(given: str) -> Path:
    """The directory of the suites.

    Args:
        given: a path; empty means the suites that come with the package.

    Raises:
        UsageError: there is no such directory, or no suite in it.
    """
    if not given:
        installed = _PACKAGE / "suites"
        return installed if installed.is_dir() else _PACKAGE.parent / "suites"
    path = Path(given).resolve()
    if not path.is_dir():
        raise UsageError(f"--suites {given}: no such directory")
    if not any(path.rglob("test_*.py")):
        raise UsageError(f"--suites {given}: no test_*.py in it")
    return path


def digest(path: Path) -> str:
    """SHA-256 of the Python files below `path`, without solutions."""
    files = sorted(
        (file.relative_to(path).as_posix(), file)
        for file in path.rglob("*.py")
        if not _NOT_SUITES & set(file.relative_to(path).parts)
    )
    whole = hashlib.sha256()
    for name, file in files:
        whole.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()
