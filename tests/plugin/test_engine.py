"""A capture engine that loses frames for real grades nobody: every clause is broken, and says why."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Project

DEAF = '''
"""The reader is held up, and the ring is a tenth of what the self-test sends."""
import threading
from pytest_netlab.capture import RingShape, tap
from pytest_netlab.capture.tap import Watch

tap.Tap.cable.__func__.__defaults__ = (RingShape(4096, 2),)
collect = Watch.collect

def late(watch):
    if not watch.tap.is_loopback:
        threading.Event().wait(0.2)
    return collect(watch)

Watch.collect = late
'''


@pytest.mark.parametrize("workers", ["0", "2"])
def test_nothing_is_graded_by_an_engine_that_drops(project: Project, workers: str) -> None:
    project.pytester.makeconftest(DEAF)
    result = project.grade("good", f"--netlab-json={project.result_file}", "-n", workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert set(project.outcomes().values()) == {"broken"}
    reasons = {clause["actual"] for each in project.result()["exercises"] for clause in each["clauses"]}
    for reason in reasons:
        assert reason.startswith("the capture engine failed its self-test, so nothing can be graded here: ")
        assert "the ring dropped" in reason
        assert "`pytest-netlab doctor`" in reason
    assert project.result()["score"] == 0
    result.stdout.no_fnmatch_line("*Traceback*")
