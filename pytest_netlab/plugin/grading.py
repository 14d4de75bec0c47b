"""Grading inside pytest: which tests are clauses, what each comes to, what is kept of it.

Runs in every process that runs tests: the only one, or each xdist worker. It turns what happened to a test into
a `Verdict` and, where it failed, an `Explanation`; both travel on the test's report to whoever prints
(`pytest_netlab.plugin.reporting`).
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from pytest_netlab.errors import HarnessFault
from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.grading.explain import Comparison, Told, compare, explain
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.judge import Halted, NotJudged, about_first, gate, judge
from pytest_netlab.grading.opinion import worst_of
from pytest_netlab.grading.outcome import Clause, Outcome, Verdict
from pytest_netlab.lab.addresses import host_names
from pytest_netlab.plugin import artefacts
from pytest_netlab.plugin.keys import PROBLEMS
from pytest_netlab.plugin.naming import name_of
from pytest_netlab.plugin.options import Options
from pytest_netlab.plugin.suite import clause_of
from pytest_netlab.report.sentences import difference
from pytest_netlab.wire import Packet
from pytest_netlab.wire.flows import Selection

PROBLEM_KEY: Final = "netlab_problem"
"""Where an xdist worker leaves what its user has to mend, for the process that prints."""

REPORT_KEY: Final = "netlab"
"""Name of the attribute of a test report that carries the verdict."""

CLAUSES_KEY: Final = "netlab_clauses"
"""Name of the attribute of a process's first report that carries all clauses that were collected."""


class Clauses:
    """pytest hooks around tests that are clauses.

    Args:
        options: of this run.
        tier: that programs run in.
    """

    def __init__(self, options: Options, tier: str) -> None:
        self._options = options
        self._keeper = artefacts.Keeper(options, tier)
        self._outcomes: dict[str, Outcome] = {}
        self._comparison: Comparison | None = None
        self._collected: list[Clause] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the exercises asked for, and each program's clauses together on one xdist worker."""
        chosen = self._options.exercises
        dropped: list[pytest.Item] = []
        known: set[str] = set()
        for item in items:
            clause = clause_of(item)
            if clause is None:
                continue
            known.add(clause.exercise)
            if config.pluginmanager.hasplugin("xdist"):
                item.add_marker(pytest.mark.xdist_group(f"{clause.exercise}-{clause.program}"))
            if chosen and clause.exercise not in chosen:
                dropped.append(item)
        unknown = sorted(chosen - known)
        if unknown and known:
            _refuse(config, f"--netlab-exercise {unknown[0]}: no such exercise; there are {', '.join(sorted(known))}")
            dropped = list(items)
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if item not in set(dropped)]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember what is to be judged: the first report tells it to the process that prints."""
        self._collected = [clause for clause in map(clause_of, session.items) if clause is not None]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Do not run a program for a clause that is decided already."""
        clause = clause_of(item)
        for ground in clause.builds_on if clause is not None else ():
            if self._outcomes.get(ground) in (Outcome.FAILED, Outcome.BLOCKED):
                raise NotJudged(Outcome.BLOCKED, f"builds on {ground}, which did not pass")

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Judge only evidence that can carry a verdict."""
        clause = clause_of(pyfuncitem)
        self._comparison = None
        if clause is not None:
            for evidence in _evidence(pyfuncitem):
                gate(clause, evidence, self._outcomes)
        return (yield)

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        """Remember the comparison that failed last: it knows the value at fault and its place in the frame."""
        self._comparison = compare(op, left, right)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach verdict and explanation to the report of a clause."""
        report = yield
        if self._collected:
            setattr(report, CLAUSES_KEY, msgspec.to_builtins(self._collected))
            self._collected = []
        clause = clause_of(item)
        if clause is not None and call.when == "teardown" and report.failed:
            self._keep_after_all(item, report)
        if clause is None or call.when == "teardown" or (call.when == "setup" and call.excinfo is None):
            return report
        judgement = judge(clause, _error(clause, item, call, self._outcomes), self._comparison)
        runs = about_first(_evidence(item), judgement.failure)
        verdict = Verdict(
            clause,
            judgement.outcome,
            actual=judgement.reason,
            remark="; ".join(str(value) for name, value in item.user_properties if name == "remark"),
            nodeid=name_of(item.nodeid),
            second_opinion=str(worst_of(run.opinion for run in runs) or ""),
        )
        self._outcomes[clause.id] = verdict.outcome
        explanation = None
        if runs and judgement.failure is not None:
            explanation = _explain(clause, judgement.failure, runs[0], item, _statement(call))
            verdict = _explained(verdict, explanation, runs[0])
        capture = self._keeper.note(verdict, runs)
        verdict = msgspec.structs.replace(verdict, capture=_shown(capture))
        item.user_properties = _properties(item, verdict, strict=self._options.strict)
        _attach(report, verdict, explanation, strict=self._options.strict)
        return report

    def _keep_after_all(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """A clause whose teardown failed: its verdict stands, and its capture is kept to look at."""
        capture = self._keeper.note_failure(name_of(item.nodeid))
        if capture:
            report.sections.append(("netlab", f"capture {_shown(capture)}"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Write what is kept once a module's last test is done, its reruns included."""
        done = yield
        if nextitem is None or nextitem.getparent(pytest.Module) is not item.getparent(pytest.Module):
            self._write(item.config)
        return done

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write what is kept of a session that ended before its last test."""
        self._write(session.config)

    def _write(self, config: pytest.Config) -> None:
        problem = self._keeper.write()
        if problem:
            getattr(config, "workeroutput", config.stash.setdefault(PROBLEMS, {}))[PROBLEM_KEY] = problem


def _properties(item: pytest.Item, verdict: Verdict, *, strict: bool) -> list[tuple[str, object]]:
    """What JUnit XML says of the clause beside pytest's own words; a test that is run again says it once."""
    counts = verdict.counts(strict=strict)
    told: dict[str, object] = {
        "clause": verdict.clause.id,
        "points": f"{verdict.score if counts else 0:g}",
        "max_points": f"{verdict.clause.points if counts else 0:g}",
        "capture": verdict.capture,
    }
    return [each for each in item.user_properties if each[0] not in told] + list(told.items())


def _shown(path: str) -> str:
    """A path as the reader would type it."""
    with contextlib.suppress(ValueError):
        return str(Path(path).relative_to(Path.cwd())) if path else ""
    return path


def _refuse(config: pytest.Config, problem: str) -> None:
    """Say that the call is wrong. A worker cannot end the run: it runs nothing, and leaves word."""
    if not hasattr(config, "workeroutput"):
        raise pytest.UsageError(problem)
    config.workeroutput[PROBLEM_KEY] = problem


def _error(
    clause: Clause, item: pytest.Item, call: pytest.CallInfo[None], outcomes: dict[str, Outcome]
) -> BaseException | None:
    """What a test raised. Where a fixture missed something in evidence that carries no verdict, that comes first."""
    raised = call.excinfo.value if call.excinfo else None
    if call.when == "setup" and isinstance(raised, AssertionError):
        try:
            for evidence in _evidence(item):
                gate(clause, evidence, outcomes)
        except (HarnessFault, Halted, NotJudged) as first:
            return first
    return raised


def _evidence(item: pytest.Item) -> list[Evidence]:
    arguments: dict[str, Any] = getattr(item, "funcargs", {})
    return [value for value in arguments.values() if isinstance(value, Evidence)]


def _statement(call: pytest.CallInfo[None]) -> str:
    """The assertion that failed, without its words; empty where it was not one of the clause's own."""
    statement = str(call.excinfo.traceback[-1].statement).strip() if call.excinfo else ""
    if not statement.startswith("assert "):
        return ""
    with contextlib.suppress(SyntaxError):
        node = ast.parse(statement).body[0]
        if isinstance(node, ast.Assert):
            return f"assert {ast.get_source_segment(statement, node.test)}"
    return statement


def _explain(
    clause: Clause, failure: Comparison | Told, evidence: Evidence, item: pytest.Item, assertion: str
) -> Explanation:
    explanation = explain(
        clause,
        failure,
        evidence.packets,
        about=packets_given_to(item),
        output=evidence.output,
        ending=f"the program {evidence.ending}" if evidence.ending.known else "",
        assertion=assertion,
        names=host_names(),
    )
    limit = evidence.ending.limit
    if limit and evidence.ending.limit_name not in explanation.actual:
        return msgspec.structs.replace(explanation, actual=f"{explanation.actual}; {limit}")
    return explanation


def packets_given_to(item: pytest.Item) -> list[Packet]:
    """The packets that a test was given."""
    found: list[Packet] = []
    for value in getattr(item, "funcargs", {}).values():
        if isinstance(value, Packet):
            found.append(value)
        elif isinstance(value, Selection):
            found += value
    return found


def _explained(verdict: Verdict, explanation: Explanation, evidence: Evidence) -> Verdict:
    return msgspec.structs.replace(
        verdict,
        expected=explanation.expected,
        actual=explanation.actual,
        frame=explanation.excerpt.frame if explanation.excerpt else 0,
        limit=evidence.recording.truncated_by or evidence.ending.limit_name,
    )


def _attach(report: pytest.TestReport, verdict: Verdict, explanation: Explanation | None, *, strict: bool) -> None:
    """Put the verdict on the report, and make pytest count the test as what it is.

    pytest knows three outcomes. Blocked, unsupported and advice are neither passes nor failures: they travel as
    skips, and get their own names from `pytest_report_teststatus`.
    """
    if verdict.outcome is Outcome.FAILED:
        report.when = "call"  # also where a fixture found the wire wanting: no error, a failure like any other
    setattr(report, REPORT_KEY, msgspec.to_builtins({"verdict": verdict, "explanation": explanation}))
    if verdict.outcome in (Outcome.BLOCKED, Outcome.UNSUPPORTED):
        report.outcome = "skipped"
        report.longrepr = (verdict.nodeid, 0, verdict.actual)
    elif verdict.outcome is Outcome.FAILED and not verdict.counts(strict=strict):
        report.outcome = "skipped"
        said = difference(verdict.expected, verdict.actual, verdict.clause.sentence)
        report.longrepr = (verdict.nodeid, 0, f"SHOULD: {said}")
    elif verdict.outcome is Outcome.BROKEN:
        report.longrepr = f"broken, no verdict: {verdict.actual}"
