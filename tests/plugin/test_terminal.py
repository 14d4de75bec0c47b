"""What a terminal gets: no colour where none is wanted, plain ASCII where it knows no more, nothing that acts on it."""

from __future__ import annotations

import re

import pytest

from tests.plugin.conftest import GOOD, Project

HOSTILE = GOOD.replace("word", "\\x1b[31mwood\\x9b::error::owned") + (
    "print('\\x1b[2J\\x1b]0;owned\\x07 \\u202e \\u00e9 \\u2713')\nprint('::error::owned\\n##[error]owned')\n"
)


@pytest.mark.parametrize("advice", [False, True], ids=["failure", "advice"])
def test_plain_ascii_without_colour_where_that_is_asked_for(
    project: Project, monkeypatch: pytest.MonkeyPatch, advice: bool
) -> None:
    if advice:  # the same fault, told in one line of the summary
        suite = project.path / "suites" / "test_first.py"
        suite.write_text(suite.read_text().replace('must("first-word"', 'should("first-word"'))
    project.solution("bad", first="# -*- coding: utf-8 -*-\n" + HOSTILE.format(port=7001))
    monkeypatch.delenv("PY_COLORS")  # pytester's own, which says no
    for name, value in (("PYTHONIOENCODING", "ascii"), ("NO_COLOR", "1"), ("FORCE_COLOR", "1")):
        monkeypatch.setenv(name, value)
    result = project.grade("bad", "--netlab-exercise=7.1")
    printed = result.stdout.str()
    assert "first-word" in printed
    assert printed.isascii()
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f]", printed) == []
    assert [line for line in result.outlines if line.lstrip().startswith("::") or "##[" in line] == []


def test_colour_where_it_is_wanted_and_nothing_of_the_program_in_it(project: Project) -> None:
    project.solution("bad", first=HOSTILE.format(port=7001))
    printed = project.grade("bad", "--netlab-exercise=7.1", "--color=yes").stdout.str()
    assert "\x1b[1;31m" in printed
    assert re.sub(r"\x1b\[[0-9;]*m", "", printed).count("\x1b") == 0
    assert "\x1b[31mwood" not in printed
    assert "\x1b[2J" not in printed
