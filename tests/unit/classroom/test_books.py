"""Gradebook, statistics and class page: pure functions of what was graded, harmless whatever a stranger wrote."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from pytest_netlab.classroom import gradebook, statistics
from pytest_netlab.classroom.page import page
from pytest_netlab.classroom.row import Points, Row, row

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(1)>"


def clause(name: str, outcome: str, actual: str = "", requirement: str = "MUST") -> dict[str, Any]:
    return {
        "id": name,
        "requirement": requirement,
        "outcome": outcome,
        "sentence": f"It does {name}.",
        "actual": actual,
    }


def result(*exercises: tuple[str, float, list[dict[str, Any]]]) -> dict[str, Any]:
    """A result document, as far as a class looks at it; each exercise is worth 10 points."""
    parts = [
        {"id": name, "title": f"Title {name}", "score": score, "max_score": 10.0, "clauses": clauses}
        for name, score, clauses in exercises
    ]
    return {"tier": "rootless", "certified": True, "exercises": parts}


def test_columns_stand_in_the_order_of_the_course_and_rows_by_name() -> None:
    rows = [
        row("zoe", "graded", "", result(("1.10", 4, []), ("1.2", 2.5, [])), "submissions/zoe/report.html"),
        row("anna", "refused", "not a zip file", None, ""),
    ]
    read = list(csv.reader(io.StringIO(gradebook.text(rows))))
    assert read == [
        ["name", "status", "1.2", "1.10", "total", "max", "tier", "certified", "report", "remark"],
        ["anna", "refused", "", "", "", "", "", "", "", "not a zip file"],
        ["zoe", "graded", "2.5", "4", "6.5", "20", "rootless", "yes", "submissions/zoe/report.html", ""],
    ]
    assert gradebook.text(rows) == gradebook.text(rows[::-1])


def test_no_mark_is_made_of_what_has_no_verdict() -> None:
    graded = row("a", "broken", "", result(("1.1", 9, [clause("x", "broken")]), ("1.2", 10, [])), "")
    assert graded.exercises == {"1.1": Points(None, 10.0), "1.2": Points(10.0, 10.0)}
    assert (graded.score, graded.most) == (None, 20.0)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    hostile = f"{start}HYPERLINK(1)"
    text = gradebook.text([Row(hostile, "refused", hostile)])
    (_, line) = list(csv.reader(io.StringIO(text, newline="")))
    assert (line[0], line[-1]) == (f"'{hostile}", f"'{hostile}")


def test_a_name_that_is_no_text_is_shown() -> None:
    assert "caf\N{REPLACEMENT CHARACTER}" in gradebook.text([Row("caf\udce9", "refused")])


def some_class() -> statistics.Statistics:
    results = [
        ("a", result(("1.1", 10.0, [clause("one", "passed"), clause("two", "passed")]))),
        ("b", result(("1.1", 5.0, [clause("one", "failed", "port 80"), clause("two", "blocked")]))),
        ("c", result(("1.1", 5.0, [clause("one", "failed", "port 80"), clause("two", "passed")]))),
        ("d", result(("1.1", 0.0, [clause("one", "failed", "port 1"), clause("two", "failed", HOSTILE)]))),
    ]
    rows = ((row(name, "graded", "", each, f"submissions/{name}/report.html"), each) for name, each in results)
    return statistics.gather([*rows, (row(HOSTILE, "refused", HOSTILE, None, ""), None)])


def test_figures_of_a_class() -> None:
    class_ = some_class()
    (exercise,) = class_.exercises
    assert (exercise.bins, exercise.complete, exercise.graded, exercise.mean) == (
        [1, 0, 0, 0, 2, 0, 0, 0, 0, 1], 1, 4, 0.5,
    )  # fmt: skip
    assert [(each.id, each.share_passed) for each in class_.hardest(9)] == [("one", 0.25), ("two", 0.5)]
    one, two = class_.mistakes(9)
    assert (one.id, one.failed, one.most_frequent, [each.name for each in one.who]) == (
        "one",
        3,
        "port 80",
        ["b", "c", "d"],
    )
    assert (two.failed, two.blocked) == (1, 1)
    assert class_.statuses() == [("graded", 4), ("refused", 1)]


@pytest.mark.parametrize(("score", "index"), [(0, 0), (1, 0), (1.01, 1), (5, 4), (9.9, 9), (10, 9)])
def test_a_bin_holds_its_upper_end(score: float, index: int) -> None:
    figures = statistics.ExerciseFigures("1.1", "")
    figures.add(score, 10)
    assert figures.bins.index(1) == index


class Elements(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_says_it_all_and_runs_nothing() -> None:
    text = page(some_class(), once_more=1)
    assert page(some_class(), once_more=1) == text
    elements = Elements(text).found
    tags = {tag for tag, _ in elements}
    assert {"script", "img", "link", "iframe", "object"} & tags == set()
    assert [name for _, attributes in elements for name in attributes if name.startswith("on") or name == "style"] == []
    policy = next(attributes["content"] for _, attributes in elements if "http-equiv" in attributes)
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'", policy or ""
    )
    assert {attributes["href"] for tag, attributes in elements if tag == "a"} == {
        "gradebook.csv", *(f"submissions/{name}/report.html" for name in "abcd"),
    }  # fmt: skip
    assert len([1 for tag, _ in elements if tag == "rect"]) == 10
    for words in ("5 submissions", "port 80", "It does one.", "over 40 to 50 %: 2", "1 was graded twice", "&lt;img"):
        assert words in text


def test_a_class_without_a_score_has_a_page() -> None:
    assert "No submission has a score." in page(statistics.gather([(Row("a", "refused", "x"), None)]), once_more=0)
