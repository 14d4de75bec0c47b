"""The worker processes of this process: started when they are needed, lent to one job at a time, kept for the next.

A worker is started with exec and is reached by a socket that it inherited; it ends when that socket closes, so it
cannot outlive this process. One that died, or that gave no verdict, is not used again.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_netlab.classroom.job import UNDECIDED, Answer, Graded, Job, Settings
from pytest_netlab.errors import HarnessFault, LabUnavailable, UsageError

_LAST_WORDS: Final = 2000
_BOOT: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from pytest_netlab.classroom import worker; worker.main(int(sys.argv[2]))"
)


class Worker:
    """A worker process and the connection to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._said: Any = tempfile.TemporaryFile()  # noqa: SIM115  (kept open for as long as the worker lives)
        command = [sys.executable, "-c", _BOOT, str(Path(__file__).parents[2]), str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the process that the user started
            )
        self._connection = Connection(ours.detach())
        self.pid = self._process.pid

    def grade(self, job: Job) -> Graded:
        """Have a job done.

        Raises:
            HarnessFault: the worker died.
            LabUnavailable: this machine does not give the tier.
            UsageError: the job is not for this machine.
        """
        try:
            self._connection.send_bytes(msgspec.msgpack.encode(job))
            answer = msgspec.msgpack.decode(self._connection.recv_bytes(), type=Answer)
        except (OSError, EOFError) as error:
            raise HarnessFault(f"a worker process ended: {self._last_words() or type(error).__name__}") from error
        return _taken(answer)

    def close(self) -> None:
        """End it, and what it is doing."""
        with contextlib.suppress(OSError):
            self._connection.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:  # pragma: no cover  (it looks at its socket while it waits)
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._said.close()

    def hang_up(self) -> None:
        """Let a grade() that is waiting in another thread fail, and the worker end."""
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    def _last_words(self) -> str:
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, self._said.tell() - _LAST_WORDS))
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""


def _taken(answer: Answer) -> Graded:
    if answer.kind == "lab":
        raise LabUnavailable(answer.problem, answer.knob)
    if answer.graded is None:
        raise UsageError(answer.problem)
    return answer.graded


class Stable:
    """Workers that are free, and all that there are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[Worker] = []
        self._all: set[Worker] = set()

    def grade(self, job: Job) -> Graded:
        """Have a job done by a worker of our own; `grade_one` says the rest."""
        worker = self._take()
        try:
            graded = worker.grade(job)
        except HarnessFault as fault:
            self._drop(worker)
            return Graded("crashed", str(fault), worker=f"{socket.gethostname()}:{os.getpid()}/{worker.pid}")
        except BaseException:
            self._drop(worker)
            raise
        if graded.status in UNDECIDED:  # it may be the worker's fault: another one has the next turn
            self._drop(worker)
        else:
            self._give_back(worker)
        return graded

    def pids(self) -> list[int]:
        """The processes of all workers."""
        with self._lock:
            return sorted(worker.pid for worker in self._all)

    def close(self) -> None:
        """End all workers, also those that are at work."""
        with self._lock:
            workers, free = list(self._all), list(self._free)
            self._free.clear()
        for worker in workers:
            worker.hang_up()
        for worker in free:
            self._drop(worker)

    def _take(self) -> Worker:
        with self._lock:
            if self._free:
                return self._free.pop()
        worker = Worker()
        with self._lock:
            self._all.add(worker)
        return worker

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            self._free.append(worker)

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.close()


stable = Stable()
"""Of this process."""
atexit.register(stable.close)


def grade_one(submission: bytes, settings: Settings) -> Graded:
    """Grade one submission in a worker process of this process; start one where none is free.

    This is the job function, which threads of this process and the workers of a Dask cluster run.

    Args:
        submission: an encoded snapshot of its files, or of saved evidence.
        settings: of the class.

    Raises:
        LabUnavailable: this machine does not give the tier.
        UsageError: this machine has another version, or other suites, than the settings name.
    """
    return stable.grade(Job(submission, settings))
