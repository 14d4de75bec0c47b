"""How far it is, in plain lines: counts, rate, time left, by a clock of our own."""

from __future__ import annotations

import io

from pytest_netlab.classroom.progress import Lines, progress


def test_lines_count_and_reckon() -> None:
    now = [100.0]
    out = io.StringIO()
    lines = Lines(5, out, lambda: now[0])
    lines.passed_over("anna")
    now[0] += 30
    lines.done("bob", "graded", "")
    now[0] += 30
    lines.once_more("carl", "no verdict")
    lines.done("carl", "broken", "a frame\nwas \x1b[31mlost")
    assert out.getvalue().splitlines() == [
        "2/5  2.0 a minute  90 s left  bob: graded",
        "carl: tried once more: no verdict",
        "3/5  2.0 a minute  60 s left  carl: broken: a frame was \\x1b[31mlost",
    ]


def test_what_is_refused_at_once_says_nothing_about_the_rate() -> None:
    out = io.StringIO()
    lines = Lines(3, out)
    lines.done("anna", "refused", "no zip file")
    assert out.getvalue() == "1/3    anna: refused: no zip file\n"


def test_what_is_no_terminal_gets_lines() -> None:
    assert type(progress(1, io.StringIO())) is Lines
