"""Nothing that a program printed or sent can act on the reader's terminal, whatever it is."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_netlab.grading.explanation import Excerpt, Explanation, FieldRow, Ladder, Step
from pytest_netlab.report.hexdump import hexdump
from pytest_netlab.report.printable import clip, columns, lines, printable, wrap
from pytest_netlab.report.style import Style
from pytest_netlab.report.terminal import LINES, render

HOSTILE = st.sampled_from("\x00\x07\x08\x1b\x7f\x85\x9b\r\n\t\xa0\xad​‮⁦﻿\ud800\udcff漢é́́́…│")
TEXT = st.text(st.one_of(st.characters(), HOSTILE), max_size=120)
SIZE = st.integers(0, 1 << 20)
ROW = st.builds(FieldRow, TEXT, SIZE, SIZE, TEXT, st.booleans())
ROWS = st.lists(ROW, max_size=8).map(tuple)
EXCERPT = st.builds(
    Excerpt,
    st.integers(1, 10**6),
    TEXT,
    st.binary(max_size=300),
    ROWS,
    TEXT,
    ROWS,
    SIZE.map(lambda n: n * 16),
    SIZE,
)
HOST = st.one_of(st.sampled_from(("student", "internet", "10.77.0.81")), TEXT)
STEP = st.builds(
    Step,
    st.integers(1, 10**6),
    st.floats(-1e3, 1e4),
    HOST,
    HOST,
    TEXT,
    st.booleans(),
    st.one_of(st.just(""), TEXT),
)
LADDER = st.builds(
    Ladder, st.lists(HOST, max_size=4).map(tuple), st.lists(STEP, max_size=15).map(tuple), SIZE, st.just(0)
)
PROGRAM = st.one_of(st.binary(max_size=400), TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")))
EXPLANATION = st.builds(
    Explanation,
    TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT,
    st.none() | EXCERPT,
    st.none() | LADDER,
    PROGRAM,
    SIZE,
    TEXT,
    st.just(""),
    TEXT,
)  # fmt: skip


@given(told=EXPLANATION, width=st.integers(80, 140), ascii_only=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_failure_renders_harmlessly(told: Explanation, width: int, ascii_only: bool) -> None:
    text = render(told, width=width, ascii_only=ascii_only)
    drawn = text.split("\n")
    acting = {each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")}
    assert acting <= {"\n"}
    assert len(drawn) <= LINES
    assert [line for line in drawn if columns(line) > width] == []
    assert text.isascii() or not ascii_only


@given(TEXT, st.integers(2, 60))
def test_wrapping_and_cutting_keep_to_the_width(text: str, width: int) -> None:
    safe = printable(text)
    assert [line for line in wrap(safe, width) if columns(line) > width] == []
    assert columns(clip(safe, width)) <= width


@given(TEXT, st.integers(2, 60))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    safe = printable(text)
    assert "".join(wrap(safe, width)).replace(" ", "") == safe.replace(" ", "")


def test_what_hides_is_spelled() -> None:
    assert printable("a\x1b[31m‮b\udcff\U000e0041") == "a\\x1b[31m\\u202eb\\udcff\\U000e0041"
    assert printable("漢é…", narrow=True) == "\\u6f22é…"
    assert printable("§3.5 → é", ascii_only=True) == "section 3.5 -> \\xe9"


def test_no_command_for_a_ci_runner_is_printed() -> None:
    """GitHub's runner obeys `::error::` at the start of a line, blanks aside, and `##[error]` anywhere in one."""
    assert printable("::error::x") == "\\x3a:error::x"
    assert printable("a ::warning file=x,line=1::y ##[add-mask]z") == (
        "a \\x3a:warning file=x,line=1::y \\x23#[add-mask]z"
    )
    for plain in ("::1", "fe80::1", "2001:db8::a:b", "a::b", "## heading"):
        assert printable(plain) == plain
    drawn = "\n".join(hexdump(b"ab##[error]owned::error::owned", (), Style()))
    assert "##[" not in drawn
    assert "ab.#[error]owned" in drawn


def test_a_stack_of_combining_marks_is_cut_down() -> None:
    assert printable("e" + "\u0301" * 4) == "e\u0301\u0301\\u0301\\u0301"


def test_lines_end_where_the_program_ended_them() -> None:
    assert lines("a\r\nb\tc\nHTTP 1\rHTTP 2") == ["a", "b       c", "HTTP 1\\x0d", "HTTP 2"]
