"""The step summary and the annotations: what GitHub would make of them, and what a submission cannot make of them."""

from __future__ import annotations

import re

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats import github
from tests.unit.report.failures import FAILURES
from tests.unit.report.formats.gradings import HOSTILE, every_outcome, graded, hostile, judged

COMMAND = re.compile(r"::(error|warning|notice) (?P<properties>[^:]*)::(?P<message>.*)")


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner reads it."""
    found = COMMAND.fullmatch(line)
    assert found, line
    pairs = (pair.split("=", 1) for pair in found["properties"].split(","))
    properties = {name: unescaped(value) for name, value in pairs}
    return found[1], properties, unescaped(found["message"])


def unescaped(text: str) -> str:
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def test_faults_are_errors_and_no_verdict_is_a_warning() -> None:
    found = [parsed(line) for line in github.commands(every_outcome())]
    assert [(kind, properties["title"]) for kind, properties, _ in found] == [
        ("error", "one-port (MUST)"), ("warning", "lost (MUST)")
    ]  # fmt: skip
    assert found[0][1]["file"] == "shake.py"
    assert "46593" in found[0][2]
    assert found[0][2].endswith("Look again.")


def test_ten_annotations_and_how_many_more() -> None:
    told = FAILURES["wrong-byte"]()
    lines = github.commands(graded(*(judged(f"c{n}", Outcome.FAILED, told) for n in range(23))))
    assert [parsed(line)[0] for line in lines] == ["error"] * 10 + ["notice"]
    assert "13 more" in lines[-1]


def test_a_submission_gives_no_commands() -> None:
    lines = github.commands(hostile())
    assert all("\n" not in line and "\r" not in line for line in lines)
    kind, properties, message = parsed(lines[0])
    assert (kind, properties["file"]) == ("error", "a,b:c%.py")
    assert message.count("owned") == HOSTILE.count("owned") * 2
    assert "%0A" in message  # what the submission wrote stands there as it wrote it


def test_nothing_of_a_submission_is_markdown() -> None:
    text = github.summary(hostile()).decode()
    outside = outside_of_fences(text)
    assert "owned" in outside  # the reasons that stand there in a line of their own
    for mark in ("<script", "# heading", "[x](", "![x]", "```", "@everyone", "http://", "$x$", "| a |"):
        assert mark not in outside, mark
    assert outside.count("</details>") == outside.count("<details>") == 2
    assert "<script>alert(1)</script>" in text  # inert, in a fenced block


def outside_of_fences(text: str) -> str:
    """The text without its fenced blocks, which end only at a fence of the same length."""
    kept, fence = [], ""
    for line in text.split("\n"):
        found = re.match(r"(`{3,})", line)
        if not fence and found:
            fence = found[1]
        elif fence and line == fence:
            fence = ""
        elif not fence:
            kept.append(line)
    assert not fence
    return "\n".join(kept)


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    text = "a\n`````\nb"
    assert github.fenced(text).startswith("``````text\n")
    assert outside_of_fences(github.fenced(text)) == ""


def test_a_summary_has_a_mebibyte_at_most_and_says_what_it_leaves_out() -> None:
    told = FAILURES["two-ports"]()
    many = graded(*(judged(f"c{n}", Outcome.FAILED, told) for n in range(700)))
    made = github.summary(many)
    assert 900_000 < len(made) <= github.SUMMARY_LIMIT
    shown = made.count(b"<details>")
    assert f"… and {700 - shown} more".encode() in made
    assert made.count(b"```") == 2 * shown
