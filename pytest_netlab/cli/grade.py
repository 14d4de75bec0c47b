"""Grade a class: one directory (or zip, tar) a submission. Writes gradebook.csv, index.html and, a submission each,
result.json, report.html and captures. Run it again to go on after an interruption: what has not changed is not graded
again. Exit status 0 when every submission has its verdict, 1 when some have none.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pytest_netlab.errors import UsageError

if TYPE_CHECKING:
    from pytest_netlab.classroom.course import Count
    from pytest_netlab.classroom.executors import Crew
    from pytest_netlab.classroom.handed_in import HandedIn
    from pytest_netlab.classroom.job import Settings
    from pytest_netlab.classroom.shelf import Shelf

HELP = "grade a class: many submissions, a gradebook"

_INTERRUPTED: Final = 130
_TIERS: Final = ("auto", "rootless", "loopback", "offline")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    add = parser.add_argument
    add("submissions", metavar="SUBMISSIONS", nargs="?", help="directory of submissions: directories, .zip, .tar.*")
    add("--out", metavar="DIR", required=True, help="where the gradebook and all results go")
    add("-j", metavar="N", dest="jobs", type=int, help="how many at a time (default: one a core)")
    add("--dask", metavar="ADDRESS", help="let the workers of a Dask cluster grade, such as tcp://10.0.0.1:8786")
    add("--again", action="store_true", help="grade also what has not changed")
    add("--from-captures", metavar="DIR", help="judge the captures that a grading with --capture left in its --out DIR")
    add("--suites", metavar="DIR", default="", help="grade by the suites in DIR instead of those that come along")
    add("--exercise", metavar="ID", action="append", default=[], help="only this exercise; may be repeated")
    add("--strict", action="store_true", help="SHOULD clauses count too")
    add("--capture", action="store_true", help="keep every capture, not only those of failed clauses")
    add("--tier", choices=_TIERS, default="auto", help="how programs are run (default: the best there is)")
    add("--require-certified", action="store_true", help="refuse where a hostile program could forge the evidence")
    add("--warm", action="store_true", help="run Python programs in a warm interpreter: less CPU, same verdicts")
    add("--report", metavar="FORMAT=FILE", action="append", default=[], help="a further report in each folder")
    add("--limit", metavar="SECONDS", type=float, default=900.0, help="of one submission (default: 900)")


def run(arguments: argparse.Namespace) -> int:
    """Grade, write, and return the exit status."""
    from pytest_netlab.classroom.shelf import Shelf

    _check(arguments)
    submissions = _submissions(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    with contextlib.closing(Shelf(Path(arguments.out))) as shelf, contextlib.closing(_crew(arguments)) as crew:
        try:
            return _grade(arguments, submissions, crew, shelf)
        except UsageError as error:  # of pytest's options, which here have shorter names
            raise UsageError(str(error).replace("--netlab-", "--")) from None


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be meant."""
    if bool(arguments.submissions) == bool(arguments.from_captures):
        raise UsageError("say SUBMISSIONS, the directory to grade, or --from-captures DIR, and not both")
    if arguments.jobs is not None and arguments.jobs < 1:
        raise UsageError(f"-j {arguments.jobs}: at least one at a time")
    if arguments.jobs is not None and arguments.dask:
        raise UsageError("-j is for this machine; with --dask, the cluster's workers and threads decide")
    if arguments.limit <= 0:
        raise UsageError(f"--limit {arguments.limit:g}: a time in seconds, more than 0")
    for report in arguments.report:
        name = report.partition("=")[2]
        if not name or name != Path(name).name or name in (".", "..", "result.json", "report.html", "log.txt"):
            raise UsageError(f"--report {report}: write FORMAT=FILE, where FILE is a new name without a directory")


def _submissions(arguments: argparse.Namespace) -> list[HandedIn]:
    from pytest_netlab.classroom import handed_in, shelf

    if arguments.from_captures:
        return shelf.saved_evidence(Path(arguments.from_captures))
    return handed_in.find(Path(arguments.submissions))


def _crew(arguments: argparse.Namespace) -> Crew:
    from pytest_netlab.classroom.executors import Dask, Local

    if arguments.dask:
        return Dask(arguments.dask)
    return Local(arguments.jobs or len(os.sched_getaffinity(0)))


def _settings(arguments: argparse.Namespace, crew: Crew) -> Settings:
    from pytest_netlab import __version__
    from pytest_netlab.classroom import suite_files
    from pytest_netlab.classroom.job import Settings

    suites = suite_files.directory(arguments.suites)
    replay = bool(arguments.from_captures)
    return Settings(
        version=__version__,
        suites=str(suites) if arguments.suites else "",
        suites_digest=suite_files.digest(suites),
        tier="offline" if replay else crew.tier(arguments.tier),
        exercises=tuple(sorted(set(arguments.exercise))),
        strict=arguments.strict,
        require_certified=arguments.require_certified,
        keep_all=arguments.capture,
        reports=tuple(arguments.report),
        warm=arguments.warm,
        replay=replay,
        limit_s=arguments.limit,
    )


def _grade(arguments: argparse.Namespace, submissions: list[HandedIn], crew: Crew, shelf: Shelf) -> int:
    from pytest_netlab.classroom.course import Course
    from pytest_netlab.classroom.progress import progress

    interrupted = False
    settings = _settings(arguments, crew)
    _announce(len(submissions), settings.tier, crew.hands, arguments.dask)
    with progress(len(submissions), sys.stderr) as told:
        course = Course(crew, shelf, settings, told, again=arguments.again)
        try:
            course.run(submissions)
        except KeyboardInterrupt:
            interrupted = True
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # what follows is short, and is carried through
            crew.close()
    complete = _write(submissions, shelf, course.count)
    if interrupted:
        print("interrupted. What is graded is kept; the same call goes on with the rest.", file=sys.stderr)
        return _INTERRUPTED
    return 0 if complete else 1


def _announce(count: int, tier: str, hands: int, dask: str | None) -> None:
    where = f"on the cluster {dask}" if dask else "on this machine"
    print(f"{count} submissions, tier {tier}, {hands} at a time {where}", file=sys.stderr)


def _write(submissions: list[HandedIn], shelf: Shelf, count: Count) -> bool:
    """Write what is about the whole class, and say where. Return whether every submission has its verdict."""
    from pytest_netlab.classroom import gradebook, page, statistics

    class_: Any = statistics.gather((shelf.row(each), shelf.result(each)) for each in submissions)
    shelf.write("index.html", page.page(class_, once_more=len(count.once_more)))
    book = shelf.write("gradebook.csv", gradebook.text(class_.rows))
    said = [f"{number} {status}" for status, number in class_.statuses()]
    said += [f"graded now: {sum(count.gradings.values())}", f"up to date: {count.up_to_date}"]
    print(", ".join([*said, f"tried twice: {len(count.once_more)}"]))
    print(f"{book}\n{book.with_name('index.html')}")
    return all(row.status in ("graded", "incomplete") for row in class_.rows)
