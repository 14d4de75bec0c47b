"""pytest's own JUnit XML: clean, and with the clause's properties on each test."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from tests.plugin.conftest import GOOD, Project

HOSTILE = GOOD.replace("word", "\\x00\\x1b[31m]]>&<wood") + "print('\\x1b[31m\\x00\\ufffe]]></failure>')\n"


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["alone", "spread"])
def test_each_clause_has_its_properties(project: Project, spread: tuple[str, ...]) -> None:
    project.solution("bad", first=HOSTILE.format(port=7001), second=GOOD.format(port=7002))
    project.grade("bad", "--junitxml=junit.xml", "--color=yes", *spread)
    text = (project.path / "junit.xml").read_text(encoding="utf-8")
    found = {
        case.get("name", "").split("@")[0]: {each.get("name"): each.get("value") for each in case.iter("property")}
        for case in ElementTree.fromstring(text).iter("testcase")
        if "first" in (case.get("classname") or "")
    }
    assert {name: (each.get("clause"), each.get("points"), each.get("max_points")) for name, each in found.items()} == {
        "test_sends": ("first-sends", "2", "2"),
        "test_word": ("first-word", "0", "1"),
        "test_quiet": ("first-quiet", "0", "0"),
        "test_no_clause": (None, None, None),
    }
    assert (found["test_word"]["capture"] or "").endswith("capture.pcapng")
    assert found["test_sends"]["capture"] == ""


def test_no_colour_and_no_control_character_gets_into_it(project: Project) -> None:
    project.solution("bad", first=HOSTILE.format(port=7001))
    project.grade("bad", "--netlab-exercise=7.1", "--junitxml=junit.xml", "--color=yes")
    text = (project.path / "junit.xml").read_text(encoding="utf-8")
    (failure,) = ElementTree.fromstring(text).iter("failure")
    told = failure.text or ""
    assert "\\x1b[31m" in told  # what the program printed, spelled
    assert "#x1B" not in text  # what pytest makes of a control character: there was none
    assert "first-word" in (failure.get("message") or "")
