"""Writes the pages that are made from code: one an exercise from its clauses, the public interface, the fixtures,
the commands. So that text and checks cannot drift apart, none of these pages is kept."""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest_netlab
from pytest_netlab.cli import parser_of_all
from pytest_netlab.grading.outcome import Clause
from pytest_netlab.plugin import fixtures
from pytest_netlab.plugin.suite import CLAUSE_MARK

SUITES: Final = ("suites", "suites.ipv6")
ROOT: Final = Path(__file__).parent.parent


def write(directory: Path) -> None:
    """Write all pages into `directory`, which is made anew."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    for name in _suites():
        module = importlib.import_module(name)
        clauses = list(_clauses(module))
        page = "\n".join(_exercise(clauses, inspect.getdoc(module) or ""))
        (directory / f"exercise-{clauses[0].exercise}.md").write_text(page, encoding="utf-8")
    (directory / "api.rst").write_text("\n".join(_api()), encoding="utf-8")
    (directory / "fixtures.rst").write_text("\n".join(_fixtures()), encoding="utf-8")
    (directory / "commands.md").write_text("\n".join(_commands()), encoding="utf-8")


def _suites() -> Iterator[str]:
    """Modules of all exercises, in the order in which they are taught."""
    for package in SUITES:
        for path in sorted((ROOT / package.replace(".", "/")).glob("test_*.py")):
            yield f"{package}.{path.stem}"


def _clauses(module: object) -> Iterator[Clause]:
    for test in vars(module).values():
        for mark in getattr(test, "pytestmark", ()):
            if mark.name == CLAUSE_MARK:
                yield mark.args[0]


def _exercise(clauses: list[Clause], about: str) -> Iterator[str]:
    first = clauses[0]
    yield f"# Exercise {first.exercise}: {first.title}\n"
    yield _plain(about.partition("\n\n")[2] or about) + "\n"
    must = sum(clause.points for clause in clauses if clause.requirement == "MUST")
    yield f"{must:g} points, for what it MUST do. A SHOULD is advice, and counts under `--netlab-strict`.\n"
    for program in dict.fromkeys(clause.program for clause in clauses):
        yield f"## `{program}`\n"
        for clause in clauses:
            if clause.program == program:
                yield from _clause(clause)


def _clause(clause: Clause) -> Iterator[str]:
    points = f"{clause.points:g} point{'s' * (clause.points != 1)}"
    yield f"`{clause.id}` – {clause.requirement}, {points}"
    yield f": {_plain(clause.sentence)}\n"
    yield f"  *Reference:* {_plain(clause.reference)}. *Hint:* {_plain(clause.hint)}"
    if clause.builds_on:
        yield f"  *Builds on:* {', '.join(f'`{ground}`' for ground in clause.builds_on)}."
    yield ""


def _plain(text: str) -> str:
    """Text in which no character is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", text)


_NOT_OURS = "Sequence, Enum, bytes, int, str, tuple"
"""Bases whose members the reader knows from elsewhere."""


def _api() -> Iterator[str]:
    yield from ("The public interface", "====================", "")
    yield from ("Everything that ``pytest_netlab`` exports. Names are loaded when they are first used.", "")
    exports = [name for name in pytest_netlab.__all__ if not name.startswith("__")]
    kinds = {name: _kind(getattr(pytest_netlab, name)) for name in exports}
    for title, kind in (("Classes", "class"), ("Functions", "function"), ("Errors", "exception")):
        yield from (title, "-" * len(title), "")
        for name in (each for each in exports if kinds[each] == kind):
            yield f".. auto{kind}:: pytest_netlab.{name}"
            yield from (["   :members:", f"   :inherited-members: {_NOT_OURS}", ""] if kind == "class" else [""])


def _kind(value: object) -> str:
    if inspect.isclass(value):
        return "exception" if issubclass(value, Exception) else "class"
    return "function"


def _fixtures() -> Iterator[str]:
    yield from ("The fixtures", "============", "")
    for name in (each for each in fixtures.__all__ if not each.startswith("_")):
        function = inspect.unwrap(getattr(fixtures, name)._get_wrapped_function())
        gives = str(inspect.signature(function).return_annotation)
        gives = re.sub(r"^Iterator\[(.*)\]$", r"\1", gives)
        yield from (name, "-" * len(name), "", f"Gives: ``{gives}``", "")
        yield from ((inspect.getdoc(function) or "").replace("`", "``").splitlines())
        yield ""


def _commands() -> Iterator[str]:
    yield "# The commands' own help\n"
    whole = parser_of_all()
    (commands,) = (action for action in whole._actions if isinstance(action, argparse._SubParsersAction))
    for parser in (whole, *commands.choices.values()):
        yield f"## `{parser.prog}`\n"
        yield f"```text\n{parser.format_help().rstrip()}\n```\n"
