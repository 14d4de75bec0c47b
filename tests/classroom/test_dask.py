"""The same class on a Dask cluster of this machine: two workers, of which one is killed half-way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.classroom.conftest import LIMIT_S, Class, done_in

pytest.importorskip("distributed")


class Cluster:
    """A scheduler and two workers, each a process that this test started."""

    def __init__(self, directory: Path, stack: ExitStack, environment: dict[str, str]) -> None:
        self._directory = directory
        self._environment = environment | {"DASK_TEMPORARY_DIRECTORY": str(directory)}
        self._stack = stack
        self._file = directory / "scheduler.json"
        scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        self._start(*scheduler, "--scheduler-file", str(self._file))
        self.address = self._address()
        worker = ["worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        self.workers = [self._start(*worker) for _ in range(2)]

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._directory,
            env=self._environment,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def _address(self) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                return str(json.loads(self._file.read_text())["address"])
            except (OSError, ValueError):
                os.sched_yield()
        raise AssertionError("the scheduler did not come up")


@pytest.fixture
def cluster(school: Class) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(school.path, stack, school.environment)


def test_a_worker_is_killed_and_the_gradebook_is_the_same(school: Class, cluster: Cluster) -> None:
    school.hand_in_many(8)
    command = school.command("--dask", cluster.address, out="cluster")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=school.environment) as process:
        assert process.stderr is not None
        said = ""
        while line := process.stderr.readline():
            said += line
            if done_in(said) >= 3 and cluster.workers[0].poll() is None:
                cluster.workers[0].send_signal(signal.SIGKILL)
                cluster.workers[0].wait()
        assert process.wait(LIMIT_S) == 0, said
    school.grade(out="local")
    assert school.gradebook("cluster") == school.gradebook("local")
    assert cluster.workers[0].returncode == -signal.SIGKILL


def test_nobody_there_is_a_usage_error(school: Class) -> None:
    school.hand_in_many(1)
    done = school.grade("--dask", "nonsense://x")
    assert done.returncode == 4
    assert "--dask nonsense://x: no scheduler answers there" in done.stderr
    assert "Traceback" not in done.stderr
