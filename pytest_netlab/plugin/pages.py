"""The page of --netlab-html: collects what was judged, and writes it at the end of a run, however that comes.

Runs only in the process that the user started. A run that is interrupted leaves a page with all that was graded by
then, and the page says so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from pytest_netlab import __version__
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.outcome import Verdict
from pytest_netlab.lab.tiers import Tier
from pytest_netlab.plugin.options import Options
from pytest_netlab.plugin.reporting import reported_by
from pytest_netlab.report.html import About, write


class Pages:
    """pytest hooks that write the page.

    Args:
        options: of this run.
        path: where the page goes.
        tier: the tier in force.
    """

    def __init__(self, options: Options, path: Path, tier: Tier) -> None:
        self._options = options
        self._path = path
        self._tier = tier
        self._verdicts: dict[str, Verdict] = {}
        self._explanations: dict[str, Explanation] = {}
        self._by_keyboard = False
        self._problem = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep verdict and explanation, from this process or an xdist worker."""
        reported = reported_by(report)
        if reported is None:
            return
        self._verdicts[reported.verdict.clause.id] = reported.verdict
        if reported.explanation is not None:
            self._explanations[reported.verdict.clause.id] = reported.explanation

    def pytest_keyboard_interrupt(self) -> None:
        """Remember who ended the run."""
        self._by_keyboard = True

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page, whatever happened before."""
        try:
            write(self._path, self._verdicts.values(), self._explanations, self._about(session))
        except OSError as error:
            self._problem = f"--netlab-html {self._path}: cannot be written: {error.strerror}"
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Say where the page is, or why there is none."""
        if self._problem:
            terminalreporter.line(f"ERROR: {self._problem}", red=True)
        else:
            terminalreporter.line(f"report {self._path.absolute().as_uri()}")

    def _about(self, session: pytest.Session) -> About:
        options = self._options
        return About(
            tier=self._tier.name,
            certified=self._tier.certified,
            strict=options.strict,
            submission=_name(options.replay or options.solutions),
            when=datetime.now(UTC).strftime("%-d %B %Y, %H:%M UTC"),
            interrupted=self._interrupted(session),
            replay=options.replay is not None,
            version=__version__,
        )

    def _interrupted(self, session: pytest.Session) -> str:
        """Why the run ended before its end; empty where it did not."""
        if self._by_keyboard:
            return "it was interrupted (Ctrl-C)"
        stopped = session.shouldfail or session.shouldstop
        if isinstance(stopped, str):
            return f"it stopped early ({stopped})"
        if session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            return "pytest met an error of its own"
        return "it was interrupted" if stopped or session.exitstatus == pytest.ExitCode.INTERRUPTED else ""


def _name(directory: Path | None) -> str:
    """A directory as a title: its name."""
    return directory.resolve().name if directory is not None else ""
