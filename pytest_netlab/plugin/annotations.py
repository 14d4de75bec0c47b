"""What a kept capture says of itself: the verdicts of everything that was judged by it, where a tool shows them.

A clause that failed is a comment on the very frame at fault; what passed is summed up in the comment of the whole
file. Output of the program may stand in a verdict, so everything is made printable first: tools show comments raw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pytest_netlab.capture import Remarks
from pytest_netlab.grading.archive import produced_by
from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.grading.outcome import Outcome, Verdict
from pytest_netlab.lab.addresses import host_names
from pytest_netlab.report.printable import printable
from pytest_netlab.report.sentences import difference

_NO_FAULT: Final = (Outcome.PASSED, Outcome.BLOCKED, Outcome.UNSUPPORTED)


class Judged(NamedTuple):
    """A verdict, and whether the run was what it is about; other tests only compare with the run."""

    verdict: Verdict
    about: bool


def remarks(evidence: Evidence, judged: Sequence[Judged], tier: str) -> Remarks:
    """Comments, names and origin for the capture of a run.

    Args:
        evidence: what the run left.
        judged: what was said of it.
        tier: that it was recorded in.
    """
    origin = evidence.produced_by or produced_by() | {"tier": tier}
    comments: dict[int, list[str]] = {}
    for verdict, about in judged:
        if about and verdict.frame and verdict.outcome is Outcome.FAILED:
            comments.setdefault(verdict.frame, []).append(printable(_fault(verdict)))
    return Remarks(
        section="\n".join(printable(line) for line in _section(evidence, judged, origin)),
        frames=comments,
        names=host_names(),
        hardware=origin.get("system", "").rpartition(" ")[2],
        system=origin.get("system", "").rpartition(" ")[0],
        application=f"pytest-netlab {origin.get('pytest-netlab', '')}".rstrip(),
    )


def _section(evidence: Evidence, judged: Sequence[Judged], origin: dict[str, str]) -> Iterator[str]:
    yield f"exercise {evidence.exercise}, program {evidence.program}, run {evidence.scenario}"
    yield f"recorded in the {origin.get('tier', 'unknown')} tier"
    if evidence.ending.known:
        yield f"the program {evidence.ending}"
    if evidence.recording.truncated_by:
        yield f"{evidence.recording.truncated_by}: only the beginning is here"
    for verdict, _ in judged:
        if verdict.outcome not in _NO_FAULT:
            where = f" (frame {verdict.frame})" if verdict.frame else ""
            yield f"{_fault(verdict)}{where}"
    for outcome in _NO_FAULT:
        names = [verdict.clause.id for verdict, _ in judged if verdict.outcome is outcome]
        if names:
            yield f"{outcome.value} {len(names)}: {', '.join(names)}"


def _fault(verdict: Verdict) -> str:
    told = difference(verdict.expected, verdict.actual, verdict.clause.sentence)
    return f"{verdict.outcome.value} {verdict.clause.id}: {told}"
