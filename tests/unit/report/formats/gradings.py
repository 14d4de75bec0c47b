"""The gradings that the golden files show: one that has every outcome, one cut short, one that has only begun."""

from __future__ import annotations

from typing import Any

from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.outcome import Clause, Outcome, Requirement, Verdict
from pytest_netlab.report.formats.graded import Graded, Judged
from tests.unit.report.failures import FAILURES

BEGAN_S = 1_700_000_000.0
RUNNER = {
    "CLASSROOM": "networks",
    "ASSIGNMENT": "handshake",
    "OWNER": "alice",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://example.org/commit/1",
    "RELEASE_URL": "https://example.org/release/1",
}
HOSTILE = (
    "\x1b[31m\x00\u202e\udcff<script>alert(1)</script>\n::error::owned\n##[error]owned\n"
    "```\n# heading\n</details>| a | b | [x](javascript:alert(1)) ![x](http://example.org/x.png) @everyone $x$ &lt; %0A"
)


def clause(id: str, *, requirement: Requirement = "MUST", points: float = 1.0, exercise: str = "2.2") -> Clause:
    title = "A TCP handshake by hand"
    ground = ("syn",) if id != "syn" else ()
    return Clause(
        id, requirement, f"The {id} is right.", points, "RFC 9293", "Look again.", ground, exercise, title, "shake"
    )


def judged(id: str, outcome: Outcome = Outcome.PASSED, told: Explanation | None = None, **more: Any) -> Judged:
    """A verdict, with what it says taken from its explanation where it has one."""
    of_clause = {name: more.pop(name) for name in ("requirement", "points", "exercise") if name in more}
    if told is not None:
        more |= {"expected": told.expected, "actual": told.actual, "capture": told.capture}
    verdict = Verdict(clause(id, **of_clause), outcome, nodeid=f"suites/test_2_2.py::test_{id}", **more)
    return Judged(verdict, told, duration_s=0.25)


def graded(*entries: Judged, **more: Any) -> Graded:
    given: dict[str, Any] = {
        "tier": "rootless",
        "certified": True,
        "strict": False,
        "version": "0",
        "began_s": BEGAN_S,
        "ended_s": BEGAN_S + 12.4,
        "environment": RUNNER,
        "sources": {"shake": "shake.py"},
    }
    return Graded(judged=entries, **(given | more))


def every_outcome() -> Graded:
    return graded(
        judged("syn", points=2),
        judged("one-port", Outcome.FAILED, FAILURES["two-ports"](), frame=3),
        judged("ack", Outcome.BLOCKED, actual="builds on one-port, which did not pass"),
        judged("tidy", Outcome.FAILED, FAILURES["wrong-byte"](), requirement="SHOULD"),
        judged("listens", Outcome.UNSUPPORTED, actual="the loopback tier does not run shake here", exercise="1.10"),
        judged("half", points=0.5, exercise="1.2"),
        judged("lost", Outcome.BROKEN, actual="2 frames were lost", exercise="1.2"),
        tier="loopback",
        certified=False,
    )


def cut_short() -> Graded:
    return graded(
        judged("syn", points=2),
        judged("one-port", Outcome.FAILED, FAILURES["two-ports"](), frame=3),
        unjudged=(clause("ack"), clause("data", points=3)),
        interruption="interrupted from the keyboard",
    )


def begun() -> Graded:
    return graded(interruption="grading was interrupted, or is still going on", ended_s=BEGAN_S)


def hostile() -> Graded:
    """A submission that put its text wherever text goes."""
    told = FAILURES["wrong-byte"]()
    fields = dict.fromkeys(("expected", "actual", "ending", "capture", "assertion"), HOSTILE)
    told = type(told)(
        **{
            **{name: getattr(told, name) for name in told.__struct_fields__},
            **fields,
            "output": HOSTILE.encode("utf-8", "surrogatepass"),
        }
    )
    return graded(
        judged("syn", Outcome.FAILED, told),
        judged("ack", Outcome.BLOCKED, actual=HOSTILE),
        judged("broken", Outcome.BROKEN, actual=HOSTILE),
        judged("tidy", Outcome.FAILED, told, requirement="SHOULD"),
        sources={"shake": "a,b:c%.py"},
        environment={**RUNNER, "ASSIGNMENT": "a"},
    )


GRADINGS = {"every-outcome": every_outcome, "cut-short": cut_short, "begun": begun}
