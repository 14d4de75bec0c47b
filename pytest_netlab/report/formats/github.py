"""GitHub Actions: a step summary in Markdown, and annotations as workflow commands.

Sources: GitHub's documentation of workflow commands, and of its limits (1 MiB a summary, 10 annotations of a kind a
step); the runner's `ActionCommand` for what it unescapes. Text from a submission stands in fenced blocks, whose fence
is longer than any run of backticks in it, or with every character of Markdown and HTML escaped.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats import words
from pytest_netlab.report.formats.graded import Graded, Judged

SUMMARY_LIMIT: Final = 1 << 20
"""Octets that GitHub takes of one step's summary; of a longer one it takes nothing."""
ANNOTATIONS: Final = 10
"""Annotations of one kind that it shows of a step."""

_ROOM_FOR_THE_END: Final = 400
_MARKUP = re.compile(r"([\\`*_\[\]<>#!|~&:@$.])")


def summary(graded: Graded) -> bytes:
    """The step summary, cut where it would be too long, with a line that says so.

    Args:
        graded: what was graded.
    """
    text = _head(graded)
    told = [entry for entry in graded.entries if entry.verdict.outcome is not Outcome.PASSED]
    used = len(text.encode())
    for index, entry in enumerate(told):
        part = _part(graded, entry)
        used += len(part.encode())
        if used > SUMMARY_LIMIT - _ROOM_FOR_THE_END:
            text += f"\n… and {len(told) - index} more: a summary may have 1 MiB. The log of this step has them all.\n"
            break
        text += part
    return text.encode()


def _head(graded: Graded) -> str:
    whole = graded.result
    rows = [
        f"| {escape(each['id'])} {escape(each['title'])} | {each['score']:g} of {each['max_score']:g} | "
        + ", ".join(f"{number} {outcome}" for outcome, number in _numbers(each["clauses"]).items())
        + " |\n"
        for each in whole["exercises"]
    ]
    table = "\n| exercise | points | clauses |\n|---|---|---|\n" + "".join(rows) if rows else ""
    overall = "\n\n".join(escape(line) for line in words.overall(graded).split("\n"))
    return f"## Network exercises: {whole['score']:g} of {whole['max_score']:g} points\n\n{overall}\n{table}"


def _numbers(clauses: list[dict[str, str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for clause in clauses:
        found[clause["outcome"]] = found.get(clause["outcome"], 0) + 1
    return found


def _part(graded: Graded, entry: Judged) -> str:
    """A clause that did not pass: one line, and behind it what there is to tell."""
    clause, outcome = entry.verdict.clause, entry.verdict.outcome
    if outcome is not Outcome.FAILED:
        return f"\n- **{outcome.value}** {escape(clause.id)}: {escape(words.outcome(graded, entry))}\n"
    advice = "advice" if not graded.counts(entry) else "failed"
    title = f"<b>{advice}</b> {escape(clause.id)}: {escape(clause.sentence)}"
    return f"\n<details><summary>{title}</summary>\n\n{fenced(words.explained(graded, entry))}\n\n</details>\n"


def escape(text: str) -> str:
    """Text on one line in which no character means anything to Markdown or HTML."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[1])};", words.plain(text).replace("\n", " "))


def fenced(text: str) -> str:
    """Text of several lines as a block of code that it cannot end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def commands(graded: Graded) -> list[str]:
    """Annotations, as workflow commands for the step's log: faults are errors, clauses without verdict warnings.

    Args:
        graded: what was graded.
    """
    failed = [entry for entry in graded.entries if entry.verdict.outcome is Outcome.FAILED and graded.counts(entry)]
    broken = [entry for entry in graded.entries if entry.verdict.outcome is Outcome.BROKEN]
    found = [_annotation("error", graded, entry) for entry in failed[:ANNOTATIONS]]
    found += [_annotation("warning", graded, entry) for entry in broken[:ANNOTATIONS]]
    more = max(0, len(failed) - ANNOTATIONS) + max(0, len(broken) - ANNOTATIONS)
    if more:
        found.append(f"::notice title=pytest-netlab::{more} more; the summary of this step has them all")
    return found


def _annotation(kind: str, graded: Graded, entry: Judged) -> str:
    clause = entry.verdict.clause
    source = graded.sources.get(clause.program, "")
    properties = {"file": source, "line": "1" if source else "", "title": f"{clause.id} ({clause.requirement})"}
    told = ",".join(f"{name}={property_data(value)}" for name, value in properties.items() if value)
    message = f"{clause.sentence} {words.outcome(graded, entry)}"
    if entry.verdict.outcome is Outcome.FAILED:
        message += f" {clause.hint}"
    return f"::{kind} {told}::{data(words.plain(message))}"


def data(text: str) -> str:
    """The message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def property_data(text: str) -> str:
    """A property of a workflow command."""
    return data(words.plain(text)).replace(":", "%3A").replace(",", "%2C")
