"""Writing the files of `--netlab-report`, from the first moment of a run to its last.

A file that tells of an unfinished grading is there before the submission is looked at, and each later version takes
its place in one step: whatever ends the run, a platform finds a whole file. Runs only in the process that the user
started; verdicts reach it on the reports of tests, and with the first report of each process the clauses that were
collected, so that what was never judged is told and counts in what could be earned.
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
from pytest_netlab.grading.outcome import Clause
from pytest_netlab.grading.result import write_atomically
from pytest_netlab.lab.tiers import Tier
from pytest_netlab.plugin.grading import CLAUSES_KEY
from pytest_netlab.plugin.options import Options
from pytest_netlab.plugin.reporting import reported_by
from pytest_netlab.report.formats import FORMATS, Graded
from pytest_netlab.report.formats.github import commands
from pytest_netlab.report.formats.graded import Judged

_AT_THE_START: Final = "grading was interrupted, or is still going on"
_VARIABLES: Final = (
    "CLASSROOM", "ASSIGNMENT", "ASSIGNMENT_TYPE", "OWNER", "USERNAME",
    "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL",
)  # fmt: skip


class Platforms:
    """pytest hooks that collect what was judged and write it in the formats asked for.

    Args:
        options: of this run.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tier = Tier("offline" if options.replay else options.tier, certified=False)
        self._began_s = time.time()
        self._judged: dict[str, Judged] = {}
        self._durations_s: defaultdict[str, float] = defaultdict(float)
        self._clauses: dict[str, Clause] = {}
        self._interruption = ""
        self._problem = ""

    def begin(self) -> None:
        """Write what stays if nothing else gets written.

        Raises:
            pytest.UsageError: a file cannot be written.
        """
        self._write(_AT_THE_START)
        if self._problem:
            raise pytest.UsageError(self._problem)

    def refuse(self, problem: str) -> None:
        """Write that grading did not even begin, and why."""
        self._write(problem)

    def in_tier(self, tier: Tier) -> None:
        """Take note of the tier in force."""
        self._tier = tier

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a verdict with its explanation, and the clauses that a process is about to judge."""
        for clause in msgspec.convert(getattr(report, CLAUSES_KEY, []), list[Clause]):
            self._clauses[clause.id] = clause
        test = report.nodeid.split("@")[0]
        self._durations_s[test] += report.duration
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

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the last version."""
        stopped = str(session.shouldfail or session.shouldstop or "")
        self._interruption = self._interruption or stopped
        if not session.config.option.collectonly:
            self._write(self._interruption)
        if self._problem:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print annotations where they are asked for, and what could not be written."""
        if any(name == "github" for name, _ in self._options.reports):
            terminalreporter.ensure_newline()
            for line in commands(self._graded(self._interruption)):
                terminalreporter.write_line(line)
        if self._problem:
            terminalreporter.write_line(f"ERROR: {self._problem}", red=True)

    def _write(self, interruption: str) -> None:
        graded = self._graded(interruption)
        for name, path in self._options.reports:
            try:
                write_atomically(path, FORMATS[name](graded))
            except OSError as error:
                self._problem = f"--netlab-report {name}={path}: cannot be written: {error.strerror}"

    def _graded(self, interruption: str) -> Graded:
        order = {id: place for place, id in enumerate(self._clauses)}
        judged = sorted(self._judged.values(), key=lambda each: order.get(each.verdict.clause.id, len(order)))
        return Graded(
            judged=tuple(self._timed(each) for each in judged),
            unjudged=tuple(clause for id, clause in self._clauses.items() if id not in self._judged),
            tier=self._tier.name,
            certified=self._tier.certified,
            strict=self._options.strict,
            version=__version__,
            began_s=self._began_s,
            ended_s=time.time(),
            interruption=interruption,
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
