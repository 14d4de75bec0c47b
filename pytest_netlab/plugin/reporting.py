"""Saying what was found: the header line, each failure, the summary, the result file.

Runs only in the process that the user started. Verdicts reach it on the reports of tests, from this process
or from xdist workers alike.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec
import pytest
from _pytest.terminal import TerminalReporter

from pytest_netlab.grading import result
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.isolation import tshark_version
from pytest_netlab.grading.outcome import Outcome, Verdict
from pytest_netlab.plugin.grading import PROBLEM_KEY
from pytest_netlab.plugin.hooks import Hooks
from pytest_netlab.plugin.keys import PROBLEMS
from pytest_netlab.plugin.ledger import Ledger, reported_by
from pytest_netlab.plugin.options import Options
from pytest_netlab.report.formats import Graded
from pytest_netlab.report.printable import printable
from pytest_netlab.report.sentences import difference
from pytest_netlab.report.terminal import render

_LETTERS: Final = {
    Outcome.BLOCKED: ("blocked", "b", "BLOCKED"),
    Outcome.UNSUPPORTED: ("unsupported", "u", "UNSUPPORTED"),
    Outcome.BROKEN: ("error", "E", "BROKEN"),
}
_ADVICE: Final = ("advice", "a", "ADVICE")


def ascii_only(writer: object) -> bool:
    """Whether a terminal writer of pytest's writes where nothing but ASCII can be written."""
    encoding = getattr(getattr(writer, "_file", None), "encoding", None) or "utf-8"
    return "utf" not in encoding.lower()


class RenderedFailure:
    """A failure in the form in which pytest prints it: our own text instead of a traceback.

    Args:
        text: for the terminal.
        plain: without colour, for whoever else asks, such as JUnit XML.
        message: in one line.
    """

    def __init__(self, text: str, plain: str, message: str) -> None:
        self._text = text
        self._plain = plain
        self.reprcrash = _Crash(message)

    def __str__(self) -> str:
        return self._plain

    def toterminal(self, writer: Any) -> None:
        """Print it."""
        writer.line(self._text)


class _Crash:
    """What pytest's short summary looks at."""

    def __init__(self, message: str) -> None:
        self.message = message


class Reporting:
    """pytest hooks that print and write.

    Args:
        options: of this run.
        ledger: of this run.
        hooks: calls those of others.
    """

    def __init__(self, options: Options, ledger: Ledger, hooks: Hooks) -> None:
        self._options = options
        self._ledger = ledger
        self._hooks = hooks
        self._terminal: TerminalReporter | None = None
        self._problem = ""

    def pytest_report_header(self) -> list[str]:
        """What the verdicts of this run rest on, and who else looks."""
        tier = self._ledger.tier
        certified = "certified" if tier.certified else "uncertified: a hostile program could forge evidence"
        rests_on = f"tier {tier.name} ({certified}), captures {self._options.capture}"
        judged = f"replay of {self._options.replay}" if self._options.replay else f"solutions {self._options.solutions}"
        return [f"netlab: {rests_on}, {judged}", f"netlab: second opinion: {self._second_opinion()}"]

    def _second_opinion(self) -> str:
        if not self._options.second_opinion:
            return "off"
        return f"tshark {version}" if (version := tshark_version()) else "none, because tshark is not installed"

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Find the terminal to print on."""
        plugin = session.config.pluginmanager.get_plugin("terminalreporter")
        self._terminal = plugin if isinstance(plugin, TerminalReporter) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Give a failure its words before anything prints it."""
        reported = reported_by(report)
        if reported is None:
            return
        if reported.explanation is not None and report.failed:
            verdict = reported.verdict
            message = self._safe(f"{verdict.clause.id}: {_difference(verdict)}")
            told = msgspec.structs.replace(reported.explanation, capture=verdict.capture)
            report.longrepr = RenderedFailure(self._render(told), render(told), message)  # type: ignore[assignment]
        elif isinstance(report.longrepr, tuple):
            file, line, reason = report.longrepr
            report.longrepr = (file, line, self._safe(reason))
        elif isinstance(report.longrepr, str):
            report.longrepr = self._safe(report.longrepr)

    def _safe(self, text: str) -> str:
        """One line of which nothing acts on the terminal."""
        return printable(" ".join(text.split()), ascii_only=self._ascii_only)

    @property
    def _ascii_only(self) -> bool:
        return ascii_only(self._terminal._tw if self._terminal else None)

    def _render(self, explanation: Explanation) -> str:
        writer = self._terminal._tw if self._terminal else None
        return render(
            explanation,
            width=min(writer.fullwidth, 140) if writer else 80,
            colour=bool(writer and writer.hasmarkup),
            ascii_only=self._ascii_only,
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.CollectReport | pytest.TestReport) -> Any:
        """Names and letters for outcomes that pytest does not have."""
        reported = reported_by(report)
        if reported is None:
            return None
        outcome = reported.verdict.outcome
        if getattr(report, "outcome", "") == "rerun":
            return None  # pytest-rerunfailures has words of its own for what is not final
        if outcome is Outcome.FAILED and report.skipped:
            return _ADVICE
        return _LETTERS.get(outcome)

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Points by exercise, advice, what was no verdict, and what the user has to mend."""
        graded = self._ledger.graded()
        if graded.entries:
            self._say_points(terminalreporter, graded)
        for problem in (*self._hooks.faults, *filter(None, [self._problem])):
            terminalreporter.line(f"ERROR: {self._safe(problem)}", red=True)

    def _say_points(self, terminalreporter: TerminalReporter, graded: Graded) -> None:
        document = graded.result
        terminalreporter.section("netlab")
        for exercise in document["exercises"]:
            terminalreporter.line(
                f"{exercise['id']:<5} {exercise['title']:<44} "
                f"{exercise['score']:6g} of {exercise['max_score']:g} points"
            )
        verdicts = [judged.verdict for judged in graded.judged]
        for verdict in verdicts:
            self._say_what_is_not_plain(terminalreporter, verdict)
        _say_opinions_not_had(terminalreporter, verdicts)
        if graded.unjudged:
            clauses = f"{len(graded.unjudged)} clause{'s' * (len(graded.unjudged) != 1)}"
            terminalreporter.line(self._safe(f"not judged: {clauses}: {graded.reason_of_unjudged}"), red=True)
        total = f"{document['score']:g} of {document['max_score']:g} points"
        terminalreporter.line(f"total {total} (tier {graded.tier})", bold=True)

    def _say_what_is_not_plain(self, terminal: TerminalReporter, verdict: Verdict) -> None:
        clause = verdict.clause
        if verdict.outcome is Outcome.FAILED and not verdict.counts(strict=self._options.strict):
            said = _difference(verdict)
            told = f"{clause.sentence} {said[:1].upper()}{said[1:]}."
            terminal.line(self._safe(f"advice {clause.id}: {told}"))
            terminal.line(f"       {self._safe(clause.hint)}")
        elif verdict.outcome is Outcome.BROKEN:
            told = f"broken {clause.id}: no verdict, the grader is at fault: {verdict.actual}"
            terminal.line(self._safe(told), red=True)
        elif verdict.outcome is Outcome.UNSUPPORTED:
            terminal.line(self._safe(f"unsupported {clause.id}: {verdict.actual}"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what an xdist worker left for the user to mend."""
        self._problem = getattr(node, "workeroutput", {}).get(PROBLEM_KEY, self._problem)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the result, whatever happened before, and let the exit status be 0 only where every MUST holds."""
        self._problem = session.config.stash.get(PROBLEMS, {}).get(PROBLEM_KEY, self._problem)
        graded = self._ledger.graded()
        if not session.config.option.collectonly:
            self._write(self._hooks.result(graded.result))
        if self._problem or self._hooks.faults:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        elif session.exitstatus == pytest.ExitCode.OK and not _every_clause_holds(graded):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _write(self, document: dict[str, Any]) -> None:
        if self._options.json is None:
            return
        try:
            result.write(self._options.json, document)
        except OSError as error:
            self._problem = f"--netlab-json {self._options.json}: cannot be written: {error.strerror}"


def _every_clause_holds(graded: Graded) -> bool:
    return all(each.verdict.outcome is Outcome.PASSED for each in graded.entries if graded.counts(each))


def _difference(verdict: Verdict) -> str:
    return difference(verdict.expected, verdict.actual, verdict.clause.sentence)


def _say_opinions_not_had(terminal: TerminalReporter, verdicts: list[Verdict]) -> None:
    """Where Wireshark was asked and gave no answer: the verdicts stand, on our reading alone."""
    reasons = Counter(verdict.second_opinion for verdict in verdicts if verdict.second_opinion.startswith("not had"))
    for reason, clauses in reasons.items():
        terminal.line(f"second opinion {reason} ({clauses} clauses; their verdicts stand)", yellow=True)
