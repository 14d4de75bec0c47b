"""Where CI runs, a test that needs the machine must run: a skip there would be a hole that nobody sees."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest

pytest_plugins = ["pytester"]

HERE: Final = Path(__file__).parent
MUST_RUN: Final = (
    *(HERE / name for name in ("browser", "classroom", "hostile", "lab", "matrix", "plugin", "release")),
    HERE.parent / "docs" / "howto",
)


def pytest_configure() -> None:
    """A job in the background ignores Ctrl-C, and its children would: some tests press it, in theirs."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        with contextlib.suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a failure of a skip in CI, in the directories whose tests need namespaces, tools or a browser."""
    report = yield
    expected_to_fail = hasattr(report, "wasxfail")
    if os.environ.get("CI") and report.skipped and not expected_to_fail and _must_run(item.path):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, and in CI (the environment variable CI is set) nothing in "
            f"{item.path.parent.name}/ may be.\n{reason}\n"
            "Give this machine what is missing, as `.ci/run` does; `pytest-netlab doctor` names the knob."
        )
    return report


def _must_run(path: Path) -> bool:
    return any(path.is_relative_to(directory) for directory in MUST_RUN)
