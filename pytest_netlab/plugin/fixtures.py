"""The fixtures, for any test: a lab of its own, programs in it, and the wire between its hosts.

Nothing is built before a test asks for it. Where this machine gives no lab, a test that needs one is skipped
with the reason and the remedy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_netlab.capture import Capture
    from pytest_netlab.lab.client import Lab
    from pytest_netlab.plugin.runner import RunProgram

__all__ = ["lab", "run_program", "wire"]


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Two hosts, `lab.student` and `lab.internet`, and a cable between them, for this test alone."""
    from pytest_netlab.errors import LabUnavailable
    from pytest_netlab.lab.client import shared_agent

    try:
        made = shared_agent().lab()
    except LabUnavailable as error:
        pytest.skip(f"no lab on this machine: {error}")
    with made:
        yield made


@pytest.fixture
def wire(lab: Lab) -> Iterator[Capture]:
    """The running capture of the lab: `lo` of the student and the cable. Armed before the test begins."""
    from pytest_netlab.capture import Capture
    from pytest_netlab.lab.taps import taps

    with Capture(taps(lab)) as capture:
        yield capture


@pytest.fixture
def run_program(lab: Lab) -> Iterator[RunProgram]:
    """Start programs in the student host: `run_program("python3", "server.py", directory=…)`."""
    from pytest_netlab.plugin.runner import RunProgram

    with ExitStack() as stack:
        yield RunProgram(lab, stack)
