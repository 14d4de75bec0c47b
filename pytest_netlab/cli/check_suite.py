"""Try a suite: its reference passes, each broken solution fails its clause and no other, no clause goes untried.

SUITE is a suite's file or a directory of them. Beside it (or in it) are expected
  solutions/                                 the reference
  submissions/variants/EXERCISE/CASE/        other right solutions
  submissions/broken/EXERCISE/CASE/          wrong ones; expect.toml names the clause that each fails
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pytest_netlab.errors import UsageError
from pytest_netlab.trial import hearing
from pytest_netlab.trial.hearing import Finding, Trial

HELP = "verify a suite of your own with the submissions that it must pass and fail"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "example:\n  pytest-netlab check-suite my-course/test_dns.py\n\nexit status: 0 it holds, 1 it does not"
    )
    parser.add_argument("suite", metavar="SUITE", type=Path)
    parser.add_argument("--solutions", metavar="DIR", type=Path, help="the reference solutions")
    parser.add_argument("--submissions", metavar="DIR", type=Path, help="with variants/ and broken/")
    parser.add_argument("-j", "--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="gradings at once")


def run(arguments: argparse.Namespace) -> int:
    """Try it, print what was found, and return the exit status."""
    suite: Path = arguments.suite
    if arguments.jobs < 1:
        raise UsageError(f"-j takes 1 or more, not {arguments.jobs}")
    solutions = arguments.solutions or _beside(suite, "solutions")
    submissions = arguments.submissions or _beside(suite, "submissions")
    held = hearing.hold(suite, solutions, submissions, jobs=arguments.jobs, tell=_print)
    _sum_up(held)
    return 0 if held.holds else 1


def _beside(suite: Path, name: str) -> Path:
    """The directory of that name in the suite's directory, or else beside it."""
    home = suite if suite.is_dir() else suite.parent
    for candidate in (home / name, home.parent / name):
        if candidate.is_dir():
            return candidate
    raise UsageError(f"no directory {home / name}; say --{name} DIR")


def _print(finding: Finding) -> None:
    if finding.left_out:
        print(f"left out  {finding.name}: {finding.left_out}", flush=True)
        return
    print(f"{'WRONG' if finding.problems else 'ok':<9} {finding.name}", flush=True)
    for problem in finding.problems:
        print(f"          {problem}", flush=True)


def _sum_up(held: Trial) -> None:
    for name in held.never_failed:
        print(f"untried   {name}: no broken solution fails this clause")
    graded = [finding for finding in held.findings if not finding.left_out]
    wrong = sum(bool(finding.problems) for finding in graded)
    print(
        f"{len(held.clauses)} clauses, {len(graded)} submissions graded, {wrong} not as promised, "
        f"{len(held.never_failed)} clauses untried, {len(held.findings) - len(graded)} submissions left out"
    )
