"""The battery as data: one directory a case; and `told`, by which any test of it gets its line in the table."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

ROOT = Path(__file__).parent / "submissions"
PROPERTY = "hostile"


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One attack and what must come of it; the keys of its `expect.toml`.

    Attributes:
        attacks: numbers of the attacks that it stands for, for the table.
        title: what the submission does, as one phrase.
        attack: what it is after.
        exercise: that it is graded in.
        program: that it holds; clauses of others are not looked at.
        fails: clauses that must fail.
        any_other: whether other clauses may fail, too.
        passes: whether every MUST must hold; so it is, too, where nothing is to fail.
        limit: the limit that the failed clauses must name.
        deadline_s: the longest that its longest run may take, limit + 2 s.
        words: what the terminal must say.
        prints: what the program must have printed: what became of its attempts.
        silent: what it must not have printed.
        inert: what it printed and what must reach no report as it is.
        junit: whether JUnit XML and HTML are written: the one must be well formed, the other without markup of theirs.
        options: for pytest, such as smaller limits.
    """

    attacks: tuple[int, ...]
    title: str
    attack: str
    exercise: str
    program: str
    fails: tuple[str, ...] = ()
    any_other: bool = False
    passes: bool = False
    limit: str = ""
    deadline_s: float = 20.0
    words: tuple[str, ...] = ()
    prints: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    inert: tuple[str, ...] = ()
    junit: bool = False
    options: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """What must come of it, in words for the table."""
        if not self.fails:
            return "denied; graded like any other"
        return f"{self.limit or 'failed'}: {', '.join(self.fails)}"


def cases() -> list[tuple[str, Case]]:
    """All cases by name."""
    found = sorted(ROOT.glob("*/expect.toml"))
    return [(path.parent.name, msgspec.convert(tomllib.loads(path.read_text("utf-8")), Case)) for path in found]


def told(attacks: Sequence[int], title: str, outcome: str) -> Callable[[Any], Any]:
    """Mark a test of the battery that is no submission: its line in the table."""
    line = json.dumps([list(attacks), title, outcome])
    mark: Callable[[Any], Any] = pytest.mark.usefixtures("line_in_table")

    def decorate(test: Any) -> Any:
        test.line_in_table = line
        return mark(test)

    return decorate
