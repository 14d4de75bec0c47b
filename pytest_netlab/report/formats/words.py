"""What a reader is told of one clause, and of the grading as a whole: plain text, safe in any format that escapes it.

No colour, no control character, nothing that turns the direction of writing, no half of a character: what a
submission printed or sent is shown by `printable`, as on the terminal.
"""

from __future__ import annotations

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats.graded import Graded, Judged
from pytest_netlab.report.printable import lines, printable
from pytest_netlab.report.sentences import difference
from pytest_netlab.report.terminal import render

WIDTH = 100
"""Columns of an explanation: platforms show it in a fixed-width box."""

NOT_FINISHED = "Grading did not finish"


def plain(text: str) -> str:
    """A text of one or several lines, made safe."""
    return "\n".join(lines(text))


def name(entry: Judged) -> str:
    """The clause in one line: its id and its sentence."""
    advice = "advice: " if entry.advice else ""
    return printable(f"{entry.verdict.clause.id}: {advice}{entry.verdict.clause.sentence}")


def outcome(graded: Graded, entry: Judged) -> str:
    """What a clause came to, in one sentence for the student."""
    verdict = entry.verdict
    match verdict.outcome:
        case Outcome.PASSED:
            return "Passed."
        case Outcome.FAILED:
            said = difference(verdict.expected, verdict.actual, verdict.clause.sentence)
            told = f"{said[:1].upper()}{said[1:]}."
            return printable(told if graded.counts(entry) else f"Advice, which costs no points. {told}")
        case Outcome.BLOCKED:
            return printable(f"Not judged: {verdict.actual}. Mend that first; this is no second fault.")
        case Outcome.UNSUPPORTED:
            return printable(f"Not judged in this place: {verdict.actual}. This is no fault of the solution.")
        case Outcome.BROKEN if not entry.reached:
            return printable(f"{verdict.actual[:1].upper()}{verdict.actual[1:]}. This is no fault of the solution.")
        case Outcome.BROKEN:
            return printable(
                f"No verdict, the grader was at fault: {verdict.actual}. Grade again, or tell your teacher."
            )


def explained(graded: Graded, entry: Judged) -> str:
    """The whole explanation of a clause that failed, as the terminal shows it; else its outcome in a sentence."""
    if entry.explanation is None or entry.verdict.outcome is not Outcome.FAILED:
        return outcome(graded, entry)
    return render(entry.explanation, width=WIDTH)


def overall(graded: Graded) -> str:
    """The grading in a few lines: points, how far it came, what the evidence is worth."""
    told = [f"{graded.result['score']:g} of {graded.result['max_score']:g} points (pytest-netlab, tier {graded.tier})."]
    if graded.interruption:
        told.insert(0, f"{NOT_FINISHED}: {plain(graded.interruption)}. This is no mark: grade again.")
    for wanted, what in (
        (Outcome.BROKEN, "no verdict, because the grader was at fault: no mark for or against the solution"),
        (Outcome.UNSUPPORTED, f"not been decided, because the {graded.tier} tier cannot decide them"),
    ):
        number = sum(entry.verdict.outcome is wanted and entry.reached for entry in graded.entries)
        if number:
            told.append(f"{number} {'clauses have' if number != 1 else 'clause has'} {what}.")
    if not graded.certified:
        told.append("Uncertified: a hostile program could forge this evidence.")
    return "\n".join(told)
