"""What the page says, in its order: the score, the exercises, their clauses, what failed first.

Owns the choice and the order of things, not their looks. Points are summed by `grading.result`, as they are for
every other format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_netlab.grading import result
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.outcome import Clause, Outcome, Verdict
from pytest_netlab.report.html import words
from pytest_netlab.report.html.captures import Kept
from pytest_netlab.report.html.ladder import Drawing, draw
from pytest_netlab.report.html.octets import Octets, octets
from pytest_netlab.report.html.references import Piece, pieces
from pytest_netlab.report.printable import lines


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a page says of its run, besides verdicts.

    Attributes:
        tier: that the evidence was produced in.
        certified: whether a hostile program could not have forged it.
        strict: whether SHOULD clauses count.
        submission: what was graded, such as the name of its directory.
        when: the time of grading, as it is to be read.
        interrupted: why the run ended early, as in `"it was interrupted (Ctrl-C)"`; empty where it went to its end.
        replay: whether saved evidence was judged, and no program ran.
        version: of pytest-netlab.
    """

    tier: str
    certified: bool
    strict: bool = False
    submission: str = ""
    when: str = ""
    interrupted: str = ""
    replay: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A place on the page."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The last of what a program printed, and how it ended.

    Attributes:
        lines: safe for any reader.
        omitted: bytes printed before them.
        ending: a sentence, or empty.
        same_as: the clause under which the same text stands already, or None.
    """

    lines: tuple[str, ...]
    omitted: int
    ending: str
    same_as: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A clause and all that the page tells of it."""

    clause: Clause
    verdict: Verdict
    kind: words.Kind
    anchor: str
    counts: bool
    expected: tuple[str, ...]
    actual: tuple[str, ...]
    assertion: str
    reference: tuple[Piece, ...]
    grounds: tuple[Link, ...]
    octets: Octets | None
    drawing: Drawing | None
    output: Output | None
    kept: Kept | None
    explained: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an exercise's bar, in hundredths of its length."""

    kind: words.Kind
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """An exercise with its clauses, failed ones first."""

    id: str
    title: str
    anchor: str
    score: float
    max_score: float
    clauses: tuple[Judged, ...]
    bar: tuple[Stretch, ...]
    counted: tuple[tuple[words.Kind, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole page."""

    about: About
    score: float
    max_score: float
    exercises: tuple[Exercise, ...]
    counted: tuple[tuple[words.Kind, int], ...]
    first_failure: Judged | None
    bar: tuple[Stretch, ...]

    @property
    def percent(self) -> int:
        """The score in whole hundredths of what there was to earn, rounded down: only all of it is 100."""
        return int(100 * self.score / self.max_score) if self.max_score else 0

    def count(self, name: str) -> int:
        """Clauses of a kind."""
        return next((count for kind, count in self.counted if kind.name == name), 0)


def page(
    verdicts: Iterable[Verdict], explanations: Mapping[str, Explanation], about: About, captures: Mapping[str, Kept]
) -> Page:
    """Put together what a report says; the arguments are those of `render`."""
    told = list(verdicts)
    summed = result.document(told, tier=about.tier, certified=about.certified, strict=about.strict)
    judging = _Judging(about, explanations, captures, {each.clause.id: each for each in told})
    exercises = tuple(_exercise(index, each, judging) for index, each in enumerate(summed["exercises"]))
    every = [clause for exercise in exercises for clause in exercise.clauses]
    return Page(
        about=about,
        score=summed["score"],
        max_score=summed["max_score"],
        exercises=exercises,
        counted=_counted(every),
        first_failure=next((each for each in every if each.kind is words.FAILED), None),
        bar=_bar(every),
    )


@dataclass(slots=True)
class _Judging:
    """What is needed to tell of any clause; remembers what was told already."""

    about: About
    explanations: Mapping[str, Explanation]
    captures: Mapping[str, Kept]
    verdicts: dict[str, Verdict]
    anchors: dict[str, str] = field(init=False)
    printed: dict[tuple[bytes, str], Link] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.anchors = {id: _anchor("clause", id, index) for index, id in enumerate(self.verdicts)}

    def judged(self, id: str) -> Judged:
        """All that is told of one clause."""
        verdict, explanation = self.verdicts[id], self.explanations.get(id)
        shown = explanation if verdict.outcome is Outcome.FAILED else None
        return Judged(
            clause=verdict.clause,
            verdict=verdict,
            kind=words.kind_of(verdict, strict=self.about.strict),
            anchor=self.anchors[id],
            counts=verdict.counts(strict=self.about.strict),
            expected=tuple(lines(verdict.expected)) if verdict.expected else (),
            actual=tuple(lines(verdict.actual)) if verdict.actual else (),
            assertion=shown.assertion if shown else "",
            reference=tuple(pieces(verdict.clause.reference)),
            grounds=self._grounds(verdict),
            octets=octets(shown.excerpt) if shown and shown.excerpt else None,
            drawing=draw(shown.ladder) if shown and shown.ladder else None,
            output=self._output(verdict, shown) if shown else None,
            kept=self.captures.get(verdict.capture) if verdict.capture else None,
            explained=shown is not None,
        )

    def _grounds(self, verdict: Verdict) -> tuple[Link, ...]:
        """What a blocked clause builds on, where that is on the page and did not pass."""
        if verdict.outcome is not Outcome.BLOCKED:
            return ()
        named = [self.verdicts[ground] for ground in verdict.clause.builds_on if ground in self.verdicts]
        missed = [each.clause for each in named if each.outcome is not Outcome.PASSED]
        return tuple(Link(self.anchors[clause.id], clause.sentence) for clause in missed)

    def _output(self, verdict: Verdict, told: Explanation) -> Output:
        """The program's last words, once a page: clauses about one run share them."""
        same = self.printed.get((told.output, told.ending))
        if len(told.output) > 80 and same is not None:
            return Output(lines=(), omitted=0, ending=told.ending, same_as=same)
        self.printed[told.output, told.ending] = Link(self.anchors[verdict.clause.id], verdict.clause.sentence)
        text = told.output.decode("utf-8", "backslashreplace").rstrip("\r\n")
        return Output(lines=tuple(lines(text)) if text else (), omitted=told.output_omitted, ending=told.ending)


def _exercise(index: int, summed: dict[str, Any], judging: _Judging) -> Exercise:
    told = [judging.judged(clause["id"]) for clause in summed["clauses"]]
    told.sort(key=lambda each: words.KINDS.index(each.kind))
    return Exercise(
        id=summed["id"],
        title=summed["title"],
        anchor=_anchor("exercise", summed["id"], index),
        score=summed["score"],
        max_score=summed["max_score"],
        clauses=tuple(told),
        bar=_bar(told),
        counted=_counted(told),
    )


def _counted(told: Iterable[Judged]) -> tuple[tuple[words.Kind, int], ...]:
    count = Counter(each.kind for each in told)
    return tuple((kind, count[kind]) for kind in words.KINDS if count[kind])


def _bar(told: Iterable[Judged]) -> tuple[Stretch, ...]:
    """Points by outcome, those earned first."""
    amounts: Counter[words.Kind] = Counter()
    for each in told:
        amounts[each.kind] += each.clause.points if each.counts else 0  # type: ignore[assignment]
    total = sum(amounts.values())
    stretches: list[Stretch] = []
    for kind in (words.PASSED, words.FAILED, words.BLOCKED, words.UNSUPPORTED, words.BROKEN):
        if amounts[kind]:
            start = stretches[-1].start + stretches[-1].width if stretches else 0.0
            stretches.append(Stretch(kind, start, 100 * amounts[kind] / total))
    return tuple(stretches)


def _anchor(what: str, id: str, index: int) -> str:
    """A name for a place on the page; an id that an address would not take as it is gives way to its number."""
    return f"{what}-{id}" if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*|[0-9][0-9.]*", id) else f"{what}--{index}"
