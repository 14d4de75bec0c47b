"""pytest over one submission, in a forked child; and what its parent has ready before it forks.

The one module outside the plugin that imports pytest. The run is pytest's own, with the options that a teacher
would type: no settings of the directory, of the user or of the environment reach it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from pytest_netlab.classroom.job import Settings
from pytest_netlab.errors import UsageError
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
        _warm_up(settings.tier)
    return Ready(suites, _rehearse(suites))


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
        *(["--netlab-html=report.html"] if ready.pages else []),
    ]


def run(arguments: list[str]) -> int:
    """Grade, in the child; return pytest's exit status."""
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  (until the process ends)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    try:
        return int(pytest.main(arguments))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _always(suites: Path) -> list[str]:
    """No settings file, no cache, no traceback of pytest's own where a clause failed."""
    return [str(suites), f"--rootdir={suites.parent}", "-c", os.devnull, "-p", "no:cacheprovider", "--capture=no"]


def _warm_up(tier: str) -> None:
    """Start the agent that the children use, and import what every grading imports."""
    found = tiers.choose(tier)
    if found.name == "offline":
        return
    shared_agent(walls=found.name != "loopback").wait_ready()


def _rehearse(suites: Path) -> bool:
    """Collect once: the child finds the modules imported. Return whether the plugin writes pages."""
    look = _Look()
    with _silenced():
        status = pytest.main([*_always(suites), "--collect-only", f"--netlab-solutions={suites}"], plugins=[look])
    if status != pytest.ExitCode.OK:
        raise UsageError(f"the suites in {suites} cannot be collected: {look.problem or f'status {int(status)}'}")
    return look.pages


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield
