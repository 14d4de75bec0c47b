"""pytest over one submission, in a forked child; and what its parent has ready before it forks.

The one module outside the plugin that imports pytest. The run is pytest's own, with the options that a teacher
would type: no settings of the directory, of the user or of the environment reach it.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from pytest_netlab.classroom.job import Settings
from pytest_netlab.errors import UsageError
from pytest_netlab.grading.second_opinion import shared_second_opinion
from pytest_netlab.lab import tiers
from pytest_netlab.lab.client import shared_agent

_NOT_OURS: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "COLUMNS")


@dataclass(frozen=True, slots=True)
class Ready:
    """What is known once the suites have been collected.

    Attributes:
        suites: their directory.
        pages: whether the plugin writes reports for people.
    """

    suites: Path
    pages: bool


class _Look:
    """A plugin that looks at a run: which options there are, and what it collected."""

    def __init__(self) -> None:
        self.pages = False
        self.problem = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Look at the options."""
        self.pages = hasattr(config.option, "netlab_html")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the first error."""
        if report.failed and not self.problem:
            self.problem = report.longreprtext.strip().splitlines()[-1]


def prepare(suites: Path, settings: Settings) -> Ready:
    """Import the suites and all that they need, and start the lab's agent.

    Raises:
        LabUnavailable: this machine does not give the tier.
        UsageError: the suites cannot be collected.
    """
    for name in _NOT_OURS:
        os.environ.pop(name, None)
    if not settings.replay:
        _warm_up(settings)
    return Ready(suites, _rehearse(suites, settings))


def arguments(settings: Settings, ready: Ready, given: Path) -> list[str]:
    """The command line of one grading, run in the directory where its files go.

    Args:
        settings: of the class.
        ready: what `prepare` found.
        given: the submission, or saved evidence.
    """
    tier = [] if settings.replay else [f"--netlab-tier={settings.tier}"]
    return [
        *_always(ready.suites),
        f"--netlab-{'replay' if settings.replay else 'solutions'}={given}",
        "--netlab-json=result.json",
        "--netlab-capture-dir=captures",
        *tier,
        *(f"--netlab-exercise={each}" for each in settings.exercises),
        *(f"--netlab-report={each}" for each in settings.reports),
        *(["--netlab-strict"] if settings.strict else []),
        *(["--netlab-require-certified"] if settings.require_certified else []),
        *(["--netlab-capture"] if settings.keep_all else []),
        *(["--netlab-warm"] if settings.warm else []),
        *(["--netlab-html=report.html"] if ready.pages else []),
    ]


def run(arguments: list[str], temporary: Path) -> int:
    """Grade, in the child; return pytest's exit status.

    Args:
        arguments: from `arguments`.
        temporary: where temporary files go; the parent removes it, however this process ends.
    """
    tempfile.tempdir = str(temporary)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  (until the process ends)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    try:
        return int(pytest.main(arguments))
    finally:
        shared_second_opinion().close()
        sys.stdout.flush()
        sys.stderr.flush()


def _always(suites: Path) -> list[str]:
    """No settings file, no cache, no traceback of pytest's own where a clause failed."""
    return [str(suites), f"--rootdir={suites.parent}", "-c", os.devnull, "-p", "no:cacheprovider", "--capture=no"]


def _warm_up(settings: Settings) -> None:
    """Start the agent that the children use, and its warm interpreter where the class may have it."""
    found = tiers.choose(settings.tier)
    if found.name == "offline":
        return
    agent: Any = shared_agent(walls=found.name != "loopback")
    agent.wait_ready()
    if settings.warm and hasattr(agent, "keep_warm"):  # without it, the rehearsal refuses the option
        agent.keep_warm()


def _rehearse(suites: Path, settings: Settings) -> bool:
    """Collect once, with the settings of the class: the child finds the modules imported, and what is wrong with the
    call is found before a submission suffers from it. Return whether the plugin writes pages.
    """
    look = _Look()
    said = io.StringIO()
    rehearsal = msgspec.structs.replace(settings, replay=False)
    with _elsewhere() as scratch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        line = [*arguments(rehearsal, Ready(suites, False), scratch), "--collect-only"]
        status = pytest.main(line, plugins=[look])
    errors = [line for line in said.getvalue().splitlines() if line.startswith("ERROR: ") or ": error: " in line]
    if status == pytest.ExitCode.USAGE_ERROR:
        raise UsageError(errors[-1].removeprefix("ERROR: ") if errors else "the settings of this class are wrong")
    if status != pytest.ExitCode.OK:
        raise UsageError(f"the suites in {suites} cannot be collected: {look.problem or f'status {int(status)}'}")
    return look.pages


@contextlib.contextmanager
def _elsewhere() -> Iterator[Path]:
    """An empty directory to run in: a rehearsal leaves files, too."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="netlab-grade-") as scratch:
        os.chdir(scratch)
        try:
            yield Path(scratch)
        finally:
            os.chdir(before)
