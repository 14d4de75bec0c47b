"""What must hold after every attack: nothing is left of it, and nothing of the grader has changed."""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_netlab.grading.second_opinion import shared_second_opinion
from pytest_netlab.lab.client import shared_agent
from tests.hostile.cases import PROPERTY, ROOT
from tests.lab.processes import descendants, namespaces, open_descriptors, still_there, watched
from tests.matrix.grade import grade

REPOSITORY = Path(__file__).parent.parent.parent
GUARDED = (REPOSITORY / "suites", REPOSITORY / "pytest_netlab", ROOT)
TELLTALES = (Path("/tmp/netlab-was-imported"), Path("/tmp/netlab-pickle-was-loaded"))
ALONE = ("-p", "no:rerunfailures")
"""That plugin opens a socket in every session, and leaves it to the garbage of the process."""


def digest() -> str:
    """One hash over every file of the suites, the package and the submissions."""
    total = hashlib.sha256()
    for top in GUARDED:
        for path in sorted(top.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(str(path).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a process starts on its first grading and keeps to its end, such as its agents, is there before we count."""
    shared_agent(walls=True).wait_ready()
    grade(ROOT / "exit-at-once" / "benign", "0.1", tmp_path_factory.mktemp("warm"), *ALONE)


def command_line(pid: int) -> str:
    """What a process was started as."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def second_opinion() -> list[int]:
    """The processes of the second opinion, which outlive a session, and may be others than before it."""
    shared = shared_second_opinion()
    shared.prepare()
    reader = shared._reader
    return [] if reader is None else [reader._process.pid, *descendants(reader._process.pid)]


@pytest.fixture
def nothing_left(warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After the test: no process, namespace, mount, descriptor or file that was not there before it."""
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    agent = shared_agent(walls=True)._process.pid
    second_opinion()
    processes = descendants(os.getpid())
    inhabited = namespaces(processes)
    before = _mounts(agent), digest(), open_descriptors()
    yield
    gc.collect()
    kept = {*processes, *second_opinion()}
    new = [pid for pid in descendants(os.getpid()) if pid not in kept]
    with watched(new) as held:
        assert [command_line(pid) for pid in still_there(held)] == [], "processes are left"
    assert namespaces(descendants(os.getpid())) <= inhabited, "namespaces are left"
    assert (_mounts(agent), digest(), open_descriptors()) == before, (
        "mounts, hash of suites and submissions, descriptors"
    )
    assert list(scratch.rglob("*")) == [], "files are left"
    assert [path for path in TELLTALES if path.exists()] == []


def _mounts(agent: int) -> tuple[str, str]:
    """Mounts as this process and as the agent see them."""
    return Path("/proc/self/mountinfo").read_text(), Path(f"/proc/{agent}/mountinfo").read_text()


@pytest.fixture
def line_in_table(request: pytest.FixtureRequest, record_property: pytest.FixtureRequest) -> None:
    """Note the line of a test that is marked with `told`."""
    record_property(PROPERTY, request.function.line_in_table)  # type: ignore[operator]
