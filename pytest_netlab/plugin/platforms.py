"""Writing the files of `--netlab-report`, from the first moment of a run to its last.

A file that tells of an unfinished grading is there before the submission is looked at, and each later version takes
its place in one step: whatever ends the run, a platform finds a whole file. Runs only in the process that the user
started.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from pytest_netlab.grading.result import write_atomically
from pytest_netlab.plugin.ledger import Ledger
from pytest_netlab.plugin.options import Options
from pytest_netlab.report.formats import FORMATS, Graded
from pytest_netlab.report.formats.github import commands

_AT_THE_START: Final = "grading was interrupted, or is still going on"


class Platforms:
    """pytest hooks that write what was judged in the formats asked for.

    Args:
        options: of this run.
        ledger: of this run.
    """

    def __init__(self, options: Options, ledger: Ledger) -> None:
        self._options = options
        self._ledger = ledger
        self._problem = ""

    def begin(self) -> None:
        """Write what stays if nothing else gets written.

        Raises:
            pytest.UsageError: a file cannot be written.
        """
        self._write(self._ledger.graded(unfinished=_AT_THE_START))
        if self._problem:
            raise pytest.UsageError(self._problem)

    def refuse(self, problem: str) -> None:
        """Write that grading did not even begin, and why."""
        self._write(self._ledger.graded(unfinished=problem))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the last version."""
        if not session.config.option.collectonly:
            self._write(self._ledger.graded())
        if self._problem:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print annotations where they are asked for, and what could not be written."""
        if any(name == "github" for name, _ in self._options.reports):
            terminalreporter.ensure_newline()
            for line in commands(self._ledger.graded()):
                terminalreporter.write_line(line)
        if self._problem:
            terminalreporter.write_line(f"ERROR: {self._problem}", red=True)

    def _write(self, graded: Graded) -> None:
        for name, path in self._options.reports:
            try:
                write_atomically(path, FORMATS[name](graded))
            except OSError as error:
                self._problem = f"--netlab-report {name}={path}: cannot be written: {error.strerror}"
