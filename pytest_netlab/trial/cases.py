"""The submissions that a suite is tried with: `SUBMISSIONS/{variants,broken}/EXERCISE/CASE/`, each with `expect.toml`.

title = "Answers with five bytes"    what it does differently, for people
programs = ["abcd_server"]           the programs it holds; clauses about others are not looked at
needs = ["gcc"]                      commands that must be on the machine; without them the case is left out
fails = ["answer-payload"]           broken: ids of the clauses that it fails, and no others
words = ["41 42", "four"]            broken: what the message must contain
"""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_netlab.errors import UsageError

KINDS: Final = ("variants", "broken")
FILE: Final = "expect.toml"
_LISTS: Final = ("programs", "needs", "fails", "words")
_TITLES: Final = ("title",)
_FLAGS: Final = ("passes",)


@dataclass(frozen=True, slots=True)
class Case:
    """One submission and what must become of it.

    Attributes:
        directory: the submission.
        kind: `"variants"` or `"broken"`.
        exercise: id of what it is graded in.
        title: what it does differently.
        programs: the programs it holds; clauses of others are not looked at.
        needs: commands that must be on this machine.
        fails: ids of the clauses that it fails; empty for a variant.
        words: what the failure's message must contain.
    """

    directory: Path
    kind: str
    exercise: str
    title: str
    programs: tuple[str, ...]
    needs: tuple[str, ...]
    fails: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def id(self) -> str:
        """Short name for test ids."""
        return f"{self.exercise}-{self.directory.name}"

    @property
    def missing_commands(self) -> list[str]:
        """What this machine lacks to run it."""
        return [command for command in self.needs if shutil.which(command) is None]


def read_cases(root: Path, kind: str) -> list[Case]:
    """All cases of a kind below `root`, in the order of their names.

    Raises:
        UsageError: an `expect.toml` is not as the module says; names the file and the key.
    """
    return [_read(path, kind) for path in sorted((root / kind).glob(f"*/*/{FILE}"))]


def _read(path: Path, kind: str) -> Case:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    _check(path, kind, data)
    lists = {key: tuple(data.get(key, ())) for key in _LISTS}
    return Case(path.parent, kind, path.parent.parent.name, str(data.get("title", "")), **lists)


def _check(path: Path, kind: str, data: dict[str, Any]) -> None:
    known = (*_TITLES, *_FLAGS, *_LISTS)
    for key, value in data.items():
        if key not in known:
            raise UsageError(f"{path}: there is no key {key!r}; known are {', '.join(known)}")
        if key in _LISTS and not (isinstance(value, list) and all(isinstance(word, str) for word in value)):
            raise UsageError(f"{path}: {key} is a list of strings")
    if not data.get("programs"):
        raise UsageError(f"{path}: programs is missing; it names the programs that this case holds")
    if kind == "broken" and not data.get("fails"):
        raise UsageError(f"{path}: fails is missing; a broken solution fails a clause, and names it here")
    if kind == "variants" and data.get("fails"):
        raise UsageError(f"{path}: a variant fails nothing; a submission that does belongs below broken/")
