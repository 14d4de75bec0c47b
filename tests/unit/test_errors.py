"""Errors cross from workers and from the lab's processes: they survive pickling, and say who has to act."""

from __future__ import annotations

import pickle

import pytest

from pytest_netlab.errors import HarnessFault, LabUnavailable, NetlabError, UsageError, WireError
from pytest_netlab.grading.evidence import Halt
from pytest_netlab.grading.judge import Halted, NotJudged
from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.grading.submission import ProgramMissing


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NetlabError("a"), "a"),
        (UsageError("netlab.toml, line 3"), "netlab.toml, line 3"),
        (HarnessFault("a frame was lost"), "a frame was lost"),
        (LabUnavailable("unshare: EPERM", "sysctl x=1"), "unshare: EPERM. Remedy: sysctl x=1"),
        (LabUnavailable("unshare: EPERM"), "unshare: EPERM"),
        (WireError("length 7 is less than 8", "udp.length", 38), "udp.length at byte 38: length 7 is less than 8"),
        (WireError("no more bytes", offset=4), "byte 4: no more bytes"),
        (ProgramMissing("server", ("server.py",)), "no server: looked for server.py"),
        (NotJudged(Outcome.BLOCKED, "builds on x"), None),
        (Halted(Halt("x", "a port", "none")), "expected a port; got none"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_survives_pickling(error: Exception, text: str | None) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
    if text is not None:
        assert str(copy) == text


@pytest.mark.parametrize("kind", [UsageError, LabUnavailable, WireError, HarnessFault])
def test_all_are_netlab_errors(kind: type[Exception]) -> None:
    assert issubclass(kind, NetlabError)
    assert not issubclass(kind, AssertionError)
