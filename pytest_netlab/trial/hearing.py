"""A suite on trial: does it pass what is right, and fail what is wrong for the reason that is wrong?

Owns: grading the reference, each valid variant and each broken solution with a suite, and comparing what came of
it with what was promised.

Rules:
- The reference passes every clause, SHOULD included.
- A variant passes every MUST about its programs.
- A broken solution fails the clauses that its `expect.toml` names and, `blocked` aside, no other; the message
  holds the words that it names.
- Every clause is failed by some broken solution: one that nothing fails may be unable to fail.
- A case whose commands are missing on this machine is left out, and said. Cases of exercises that the suite does
  not hold are not its concern.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_netlab.errors import UsageError
from pytest_netlab.trial.cases import Case, read_cases

_NOT_PASSED = ("failed", "broken", "unsupported")


@dataclass(frozen=True, slots=True)
class Graded:
    """What one grading left.

    Attributes:
        exercises: ids of the exercises of the result file.
        clauses: its clauses, by id.
        printed: everything on the terminal.
    """

    exercises: tuple[str, ...]
    clauses: dict[str, dict[str, Any]]
    printed: str

    def of(self, programs: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The clauses about these programs."""
        wanted = set(programs)
        return {name: clause for name, clause in self.clauses.items() if clause["program"] in wanted}


@dataclass(frozen=True, slots=True)
class Finding:
    """How one submission fared.

    Attributes:
        name: the submission, such as `"broken/0.1/five-bytes"`.
        problems: what is not as promised; empty where all is well.
        left_out: why it was not graded, or empty.
    """

    name: str
    problems: tuple[str, ...] = ()
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it all.

    Attributes:
        findings: one a submission.
        clauses: ids of all clauses of the suite.
        never_failed: those that no broken solution names.
    """

    findings: tuple[Finding, ...]
    clauses: tuple[str, ...]
    never_failed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the suite keeps its promises."""
        return not self.never_failed and not any(finding.problems for finding in self.findings)


def hold(
    suite: Path, solutions: Path, submissions: Path, *, jobs: int = 1, tell: Callable[[Finding], None] | None = None
) -> Trial:
    """Try a suite.

    Args:
        suite: a suite's file, or a directory of them.
        solutions: the reference solutions.
        submissions: with `variants/` and `broken/`, see `cases`.
        jobs: how many submissions are graded at once.
        tell: called with each finding when it is there.

    Raises:
        UsageError: nothing to try, or pytest would not run the suite; holds what pytest said.
    """
    if not suite.exists():
        raise UsageError(f"{suite}: no such suite")
    tell = tell or (lambda finding: None)
    reference = _grade(suite, solutions)
    if not reference.clauses:
        raise UsageError(
            f"{suite} holds no clause: its tests are made with `@program.must(…)` and `@program.should(…)`"
        )
    first = Finding("the reference", tuple(_unpassed(reference.clauses)))
    tell(first)
    every = read_cases(submissions, "variants") + read_cases(submissions, "broken")
    cases = [case for case in every if case.exercise in reference.exercises]

    def try_one(case: Case) -> Finding:
        finding = _try(suite, case, reference)
        tell(finding)
        return finding

    with ThreadPoolExecutor(jobs) as pool:
        findings = (first, *pool.map(try_one, cases))
    failed = {name for case in cases if case.kind == "broken" for name in case.fails}
    never = tuple(name for name in reference.clauses if name not in failed)
    return Trial(findings, tuple(reference.clauses), never)


def _try(suite: Path, case: Case, reference: Graded) -> Finding:
    name = f"{case.kind}/{case.exercise}/{case.directory.name}"
    if case.missing_commands:
        return Finding(name, left_out=f"needs {', '.join(case.missing_commands)}")
    unknown = [each for each in case.fails if each not in reference.clauses]
    if unknown:
        return Finding(name, (f"expect.toml names {unknown[0]}, and the suite has no such clause",))
    graded = _grade(suite, case.directory, case.exercise)
    about = graded.of(case.programs)
    if not about:
        return Finding(name, (f"no clause of {case.exercise} is about {', '.join(case.programs)}",))
    if case.kind == "variants":
        musts = {key: clause for key, clause in about.items() if clause["requirement"] == "MUST"}
        return Finding(name, tuple(_unpassed(musts)))
    return Finding(name, tuple(_not_as_promised(case, about, graded.printed)))


def _unpassed(clauses: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"{name} is {clause['outcome']}: {clause['actual']}"
        for name, clause in clauses.items()
        if clause["outcome"] != "passed"
    ]


def _not_as_promised(case: Case, about: dict[str, dict[str, Any]], printed: str) -> list[str]:
    problems = []
    for name, clause in about.items():
        if name in case.fails and clause["outcome"] != "failed":
            problems.append(f"{name} should fail, and is {clause['outcome']}")
        elif name not in case.fails and clause["outcome"] in _NOT_PASSED:
            problems.append(f"{name} is {clause['outcome']} too: {clause['actual']}")
    message = " ".join(printed.split())
    return problems + [f"the message does not say {word!r}" for word in case.words if word not in message]


def _grade(suite: Path, submission: Path, exercise: str = "") -> Graded:
    """Grade a submission as its user would, in a pytest of its own.

    Raises:
        UsageError: pytest ended without a result.
    """
    with tempfile.TemporaryDirectory(prefix="netlab-trial-") as scratch:
        result = Path(scratch) / "result.json"
        command = [
            *(sys.executable, "-m", "pytest", str(suite), "-p", "no:cacheprovider", "--color=no", "--netlab-strict"),
            *(
                f"--netlab-solutions={submission}",
                f"--netlab-json={result}",
                f"--netlab-capture-dir={scratch}/captures",
            ),
            *([f"--netlab-exercise={exercise}"] if exercise else []),
        ]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        try:
            document = json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise UsageError(f"pytest could not grade {submission} with {suite}:\n{done.stdout}{done.stderr}") from None
    clauses = {clause["id"]: clause for each in document["exercises"] for clause in each["clauses"]}
    return Graded(tuple(each["id"] for each in document["exercises"]), clauses, done.stdout)
