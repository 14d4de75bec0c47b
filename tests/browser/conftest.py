"""One browser for all tests of a process; a page is a file that a test wrote."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from pytest_netlab.report import html
from tests.browser import chromium
from tests.browser.chromium import Browser
from tests.unit.report.pages import ABOUT, every_kind

CAPTURE = bytes(range(256)) * 40
"""Stands for a recording: every byte, and more than one line of base64."""

Show = Callable[..., None]
"""Writes and opens a page."""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    absent = chromium.missing()
    if absent:
        pytest.skip(f"not installed: {absent} (Debian: chromium, chromium-driver)")
    with chromium.browser(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a submission with something of every kind in it, its captures kept."""
    directory = tmp_path_factory.mktemp("report")
    verdicts, explanations = every_kind()
    for path in filter(None, (each.capture for each in verdicts)):
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(CAPTURE)
    page = directory / "report.html"
    html.write(page, verdicts, explanations, ABOUT, relative_to=directory)
    return page


@pytest.fixture
def page(browser: Browser, report: Path) -> Browser:
    """A browser in which that page stands, wide, light, and as it is when it is opened."""
    browser.size(1100)
    browser.open(report)
    return browser
