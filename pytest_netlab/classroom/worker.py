"""A worker process: has pytest, the suites and the lab's agent ready, and forks a child for each submission.

It was started with exec and has a single thread. Its state when it forks is the same for the first submission and
for the thousandth: what a grading imports, leaks or breaks is gone with the child. The agent is a process of its
own, reached by a socket that the child inherits; each scenario asks it for a fresh lab. Labs end with the sockets
of whoever asked for them, hence with the child, however it ends. Nothing is written but a scratch directory, which
goes when the child has gone.

It ends when the other side of its socket does, and takes the child with it.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import re
import select
import shutil
import signal
import socket
import tarfile
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import msgspec

from pytest_netlab import __version__
from pytest_netlab.classroom import inner, suite_files
from pytest_netlab.classroom.job import Answer, Graded, Job, Settings, Status
from pytest_netlab.errors import LabUnavailable, UsageError
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.snapshot import Snapshot

RESULT: Final = "result.json"
REPORT: Final = "report.html"
CAPTURES: Final = "captures"
LOG: Final = "log.txt"
_MOST_LOG_BYTES: Final = 1 << 20
_USAGE_ERROR: Final = 4
_MOST_LOAD: Final = 2.0
_DEADLINE: Final = re.compile(r"\bwithin \d")


def main(fd: int) -> None:
    """Serve the connection `fd` until its other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(fd)
    bench = Bench(connection)
    while True:
        try:
            job = msgspec.msgpack.decode(connection.recv_bytes(), type=Job)
        except (EOFError, OSError):
            return
        try:
            answer = Answer(bench.grade(job))
        except LabUnavailable as error:
            answer = Answer(kind="lab", problem=error.reason, knob=error.knob)
        except UsageError as error:
            answer = Answer(kind="usage", problem=str(error))
        except _HungUp:
            return
        with contextlib.suppress(OSError):
            connection.send_bytes(msgspec.msgpack.encode(answer))


class _HungUp(Exception):
    """The other side is gone: nobody waits for this grading."""


class Bench:
    """What is ready between two gradings.

    Args:
        connection: to the process that lends this worker; watched while a child runs.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ready: dict[Settings, inner.Ready] = {}

    def grade(self, job: Job) -> Graded:
        """Fork, wait, and collect."""
        ready = self._prepare(job.settings)
        scratch = Path(tempfile.mkdtemp(prefix="netlab-grade-"))
        try:
            given, left, temporary = (scratch / name for name in ("submission", "graded", "tmp"))
            scratch.chmod(0o711)  # tshark, which root runs as nobody, walks through it
            given.mkdir(0o700)
            left.mkdir(0o700)
            temporary.mkdir(0o711)
            files = msgspec.msgpack.decode(job.submission, type=Snapshot)
            snapshot.unpack(files, str(given))
            arguments = inner.arguments(job.settings, ready, given)
            ending = self._wait(_fork(arguments, left, temporary), job.settings.limit_s)
            return _collect(ending, left, job.settings, given)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _prepare(self, settings: Settings) -> inner.Ready:
        """Import and start what all gradings with these settings need, once."""
        if settings.version != __version__:
            raise UsageError(
                f"this worker has pytest-netlab {__version__}, and the class is graded by {settings.version}: "
                "install the same version everywhere"
            )
        if settings not in self._ready:
            suites = suite_files.directory(settings.suites)
            if suite_files.digest(suites) != settings.suites_digest:
                raise UsageError(f"the suites in {suites} of this worker are not those that the class is graded by")
            self._ready[settings] = inner.prepare(suites, settings)
            gc.collect()
            gc.freeze()  # what is here for good is not looked at, and so not copied, in the children
        return self._ready[settings]

    def _wait(self, pid: int, limit_s: float) -> int | None:
        """The child's wait status; None where it took too long and was ended."""
        deadline = time.monotonic() + limit_s
        child, line = os.pidfd_open(pid), self._connection.fileno()
        try:
            while True:
                left_s = deadline - time.monotonic()
                ready, _, _ = select.select([child, line], [], [], max(0.0, left_s))
                if child in ready:
                    _end_group(pid)  # what it started and did not end
                    return os.waitpid(pid, 0)[1]
                if ready or left_s <= 0:
                    _end_group(pid)
                    os.waitpid(pid, 0)
                    if ready:
                        raise _HungUp
                    return None
        finally:
            os.close(child)


def _end_group(pid: int) -> None:
    """End the child and the processes that it started; it leads a group of its own and is not yet waited for."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _fork(arguments: list[str], left: Path, temporary: Path) -> int:
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):  # the child does the same; whoever comes first
            os.setpgid(pid, pid)
        return pid
    status = 70
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(left)
        log = os.open(left / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        status = inner.run(arguments, temporary)
    finally:
        os._exit(status)


def _collect(ending: int | None, left: Path, settings: Settings, given: Path) -> Graded:
    log = _read(left / LOG)[-_MOST_LOG_BYTES:].replace(os.fsencode(given), b"submission")
    result = _read(left / RESULT)
    status, reason = _outcome(ending, result, log, settings)
    decided = status in ("graded", "incomplete", "broken")
    names = {each.partition("=")[2] for each in settings.reports}
    return Graded(
        status,
        reason,
        result=result if decided else b"",
        report=_read(left / REPORT) if decided else b"",
        others={name: data for name in sorted(names) if (data := _read(left / name))},
        captures=_packed(left / CAPTURES) if decided else b"",
        log=log,
        hurried=decided and _ran_out_of_time(result) and _overloaded(),
        worker=f"{socket.gethostname()}:{os.getppid()}/{os.getpid()}",
    )


def _outcome(ending: int | None, result: bytes, log: bytes, settings: Settings) -> tuple[Status, str]:
    if ending is None:
        return "timeout", f"the grading was still running after {settings.limit_s:g} s"
    status = os.waitstatus_to_exitcode(ending)
    if status == _USAGE_ERROR:
        return "refused", _said(log) or "the submission cannot be read"
    if status not in (0, 1) or not result:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return "crashed", f"the grading ended with {how}: {_said(log)}".rstrip(": ")
    clauses = [clause for each in msgspec.json.decode(result)["exercises"] for clause in each["clauses"]]
    broken = [clause["id"] for clause in clauses if clause["outcome"] == "broken"]
    if broken:
        return "broken", f"no verdict, and not the submission's fault: {_list(broken)}"
    counted = [each for each in clauses if each["requirement"] == "MUST" or settings.strict]
    undecided = [clause["id"] for clause in counted if clause["outcome"] == "unsupported"]
    return ("incomplete", f"cannot be decided here: {_list(undecided)}") if undecided else ("graded", "")


def _ran_out_of_time(result: bytes) -> bool:
    """Whether a clause failed because something did not happen within some seconds."""
    clauses = (clause for each in msgspec.json.decode(result)["exercises"] for clause in each["clauses"])
    return any(clause["outcome"] == "failed" and _DEADLINE.search(clause["expected"]) for clause in clauses)


def _overloaded() -> bool:
    """Whether more than twice as much waits for a processor as there are processors: seconds mean little then."""
    return os.getloadavg()[0] > _MOST_LOAD * (os.cpu_count() or 1)


def _list(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _said(log: bytes) -> str:
    """The error in what pytest printed, in one line."""
    lines = [line.strip() for line in log.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR: ", "INTERNALERROR> ", "E  "))]
    return (errors or lines or [""])[-1].removeprefix("ERROR: ").removeprefix("INTERNALERROR> ")[:500]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _packed(directory: Path) -> bytes:
    """A directory as a tar file, always the same for the same content; empty where there is none."""
    if not directory.is_dir():
        return b""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        return member

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(directory, ".", filter=plain)
    return packed.getvalue()
