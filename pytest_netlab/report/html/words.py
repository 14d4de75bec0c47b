"""What each outcome is called on the page, and what it means for the reader.

A SHOULD that failed where it does not count is `advice`: the wire was judged, and nothing is lost.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pytest_netlab.grading.outcome import Outcome, Verdict


class Kind(NamedTuple):
    """One way in which the page shows a clause.

    Attributes:
        name: in style sheets and in the filter.
        label: what the reader sees.
        glyph: beside it, so that colour is not all that tells outcomes apart.
        meaning: one sentence.
    """

    name: str
    label: str
    glyph: str
    meaning: str


FAILED: Final = Kind("failed", "Failed", "✗", "The wire does not show what the clause asks. It earns nothing.")
ADVICE: Final = Kind("advice", "Advice", "!", "The clause says SHOULD, and it does not hold. No point is lost.")
BROKEN: Final = Kind(
    "broken", "Broken", "⚡", "The grader could not come to a verdict: no mark for or against the program."
)
BLOCKED: Final = Kind(
    "blocked",
    "Blocked",
    "◌",
    "What it builds on failed, so it was not judged. It earns nothing, and is no second fault.",
)
UNSUPPORTED: Final = Kind(
    "unsupported", "Not decided", "–", "The machine that graded could not decide it. It never counts as passed."
)
PASSED: Final = Kind("passed", "Passed", "✓", "The wire shows what the clause asks.")

KINDS: Final = (FAILED, ADVICE, BROKEN, BLOCKED, UNSUPPORTED, PASSED)
"""In the order in which the page lists clauses."""

_BY_OUTCOME: Final = {
    Outcome.FAILED: FAILED,
    Outcome.BROKEN: BROKEN,
    Outcome.BLOCKED: BLOCKED,
    Outcome.UNSUPPORTED: UNSUPPORTED,
    Outcome.PASSED: PASSED,
}


def kind_of(verdict: Verdict, *, strict: bool) -> Kind:
    """How the page shows a verdict, of a run that counts SHOULD clauses or does not."""
    kind = _BY_OUTCOME[verdict.outcome]
    return ADVICE if kind is FAILED and not verdict.counts(strict=strict) else kind


def number(count: int, noun: str) -> str:
    """`1 clause`, `3 clauses`."""
    return f"{count} {noun}{'s' * (count != 1)}"


def verb(count: int, one: str, more: str) -> str:
    """The verb that goes with `count` things."""
    return one if count == 1 else more


def points(amount: float) -> str:
    """Points without zeros that say nothing."""
    return f"{amount:g}"


def size(octets: int) -> str:
    """A file's size as a person reads it, in decimal units."""
    if octets < 1000:
        return number(octets, "byte")
    value, unit = (octets / 1000, "kB") if octets < 1_000_000 else (octets / 1_000_000, "MB")
    return f"{value:.1f} {unit}"
