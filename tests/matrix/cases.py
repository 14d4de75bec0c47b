"""The submissions that the grader is graded by: `tests/submissions/{variants,broken}/EXERCISE/CASE/`."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent / "submissions"


@dataclass(frozen=True, slots=True)
class Case:
    """One submission and what must become of it.

    Attributes:
        directory: the submission.
        exercise: what it is graded in.
        programs: the programs it holds; clauses of others are not looked at.
        needs: commands that must be on this machine.
        fails: ids of the clauses that it fails; empty for a variant.
        words: what the failure's message must contain.
    """

    directory: Path
    exercise: str
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


def cases(kind: str) -> list[Case]:
    """All cases of a kind, `"variants"` or `"broken"`."""
    return [_read(path) for path in sorted((ROOT / kind).glob("*/*/expect.toml"))]


def _read(path: Path) -> Case:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Case(
        directory=path.parent,
        exercise=path.parent.parent.name,
        programs=tuple(data["programs"]),
        needs=tuple(data.get("needs", ())),
        fails=tuple(data.get("fails", ())),
        words=tuple(data.get("words", ())),
    )
