"""The page of --netlab-html: written at the end of a run, however that comes.

Runs only in the process that the user started. A run that is interrupted leaves a page with all that was graded by
then, and the page says so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from pytest_netlab.plugin.ledger import Ledger
from pytest_netlab.plugin.options import Options
from pytest_netlab.report.formats import Graded
from pytest_netlab.report.html import About, write


class Pages:
    """pytest hooks that write the page.

    Args:
        options: of this run.
        path: where the page goes.
        ledger: of this run.
    """

    def __init__(self, options: Options, path: Path, ledger: Ledger) -> None:
        self._options = options
        self._path = path
        self._ledger = ledger
        self._problem = ""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page, whatever happened before."""
        graded = self._ledger.graded()
        verdicts = [entry.verdict for entry in graded.entries]
        explanations = {each.verdict.clause.id: each.explanation for each in graded.judged if each.explanation}
        try:
            write(self._path, verdicts, explanations, self._about(graded))
        except OSError as error:
            self._problem = f"--netlab-html {self._path}: cannot be written: {error.strerror}"
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Say where the page is, or why there is none."""
        if self._problem:
            terminalreporter.line(f"ERROR: {self._problem}", red=True)
        else:
            terminalreporter.line(f"report {self._path.absolute().as_uri()}")

    def _about(self, graded: Graded) -> About:
        options = self._options
        now = datetime.now(UTC)
        return About(
            tier=graded.tier,
            certified=graded.certified,
            strict=graded.strict,
            submission=_name(options.replay or options.solutions),
            when=f"{now.day} {now:%B %Y, %H:%M} UTC",
            interrupted=graded.interruption,
            replay=options.replay is not None,
            version=graded.version,
        )


def _name(directory: Path | None) -> str:
    """A directory as a title: its name."""
    return directory.resolve().name if directory is not None else ""
