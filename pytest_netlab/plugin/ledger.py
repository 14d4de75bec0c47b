"""What a run has come to so far: verdicts, how long they took, what is still to be judged, what cut it short.

Every report is made from it, so that they all tell the same. Verdicts reach it on the reports of tests, from this
process or from xdist workers, and with the first report of each process the clauses that were collected there: what
was never judged is told, and counts in what could be earned. Lives only in the process that the user started.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from pytest_netlab import __version__
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.outcome import Clause, Verdict
from pytest_netlab.lab.tiers import Tier
from pytest_netlab.plugin.grading import CLAUSES_KEY, REPORT_KEY
from pytest_netlab.plugin.naming import name_of
from pytest_netlab.plugin.options import Options
from pytest_netlab.report.formats.graded import Graded, Judged

_VARIABLES: Final = (
    "CLASSROOM", "ASSIGNMENT", "ASSIGNMENT_TYPE", "OWNER", "USERNAME",
    "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL",
)  # fmt: skip


class Reported(msgspec.Struct):
    """What a report carries under `REPORT_KEY`."""

    verdict: Verdict
    explanation: Explanation | None = None


def reported_by(report: Any) -> Reported | None:
    """The verdict on a test's report, or None where the test is no clause."""
    carried = getattr(report, REPORT_KEY, None)
    return msgspec.convert(carried, Reported) if carried else None


class Ledger:
    """pytest hooks that collect what was judged.

    Args:
        options: of this run.

    Attributes:
        tier: the tier in force; before one is chosen, the one asked for.
    """

    def __init__(self, options: Options) -> None:
        self.tier = Tier("offline" if options.replay else options.tier, certified=False)
        self._options = options
        self._began_s = time.time()
        self._judged: dict[str, Judged] = {}
        self._durations_s: defaultdict[str, float] = defaultdict(float)
        self._clauses: dict[str, Clause] = {}
        self._interruption = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a verdict with its explanation, and the clauses that a process is about to judge."""
        for clause in msgspec.convert(getattr(report, CLAUSES_KEY, []), list[Clause]):
            self._clauses[clause.id] = clause
        self._durations_s[name_of(report.nodeid)] += report.duration
        reported = reported_by(report)
        if reported is None:
            return
        verdict, explanation = reported.verdict, reported.explanation
        if explanation is not None:
            explanation = msgspec.structs.replace(explanation, capture=verdict.capture)
        self._judged[verdict.clause.id] = Judged(verdict, explanation)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember what stopped the run: the keyboard, or pytest itself with a reason."""
        self._interruption = f"interrupted: {excinfo.value}" if str(excinfo.value) else "interrupted from the keyboard"

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember that the grader itself broke down."""
        self._interruption = f"the grader broke down: {excinfo.typename}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Remember why pytest ended early, before anybody writes of it."""
        self._interruption = self._interruption or str(session.shouldfail or session.shouldstop or "")

    def graded(self, *, unfinished: str = "") -> Graded:
        """What is known by now.

        Args:
            unfinished: why this is not the end of it; where the run was cut short, that is said instead.
        """
        order = {id: place for place, id in enumerate(self._clauses)}
        judged = sorted(self._judged.values(), key=lambda each: order.get(each.verdict.clause.id, len(order)))
        return Graded(
            judged=tuple(self._timed(each) for each in judged),
            unjudged=tuple(clause for id, clause in self._clauses.items() if id not in self._judged),
            tier=self.tier.name,
            certified=self.tier.certified,
            strict=self._options.strict,
            version=__version__,
            began_s=self._began_s,
            ended_s=time.time(),
            interruption=self._interruption or unfinished,
            sources=self._sources(),
            environment={name: os.environ[name] for name in _VARIABLES if name in os.environ},
        )

    def _timed(self, judged: Judged) -> Judged:
        return msgspec.structs.replace(judged, duration_s=self._durations_s[judged.verdict.nodeid])

    def _sources(self) -> dict[str, str]:
        """The Python file of each program that has one, as seen from the checkout that GitHub shows."""
        directory = self._options.solutions
        if directory is None or self._options.replay is not None:
            return {}
        programs = {each.verdict.clause.program for each in self._judged.values()}
        found = {program: directory / f"{program}.py" for program in programs}
        checkout = os.environ.get("GITHUB_WORKSPACE") or Path.cwd()
        return {program: os.path.relpath(path, checkout) for program, path in found.items() if path.is_file()}
