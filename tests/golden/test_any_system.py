"""Replay where there is no Linux: modules and socket families that other systems lack are taken away."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.golden.remake import GOLDEN, REPOSITORY

ELSEWHERE = """
import os, select, signal, socket, sys, time

ABSENT = {
    "curses", "fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty",
    "pyroute2", "pyshark", "scapy",
}

class Elsewhere:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ImportError(f"this system has no {name}")

sys.meta_path.insert(0, Elsewhere)
for name in ABSENT & set(sys.modules):
    del sys.modules[name]
for module, names in {
    socket: ("AF_NETLINK", "AF_PACKET", "AF_UNIX", "CMSG_SPACE", "SCM_RIGHTS", "SO_BINDTODEVICE", "socketpair"),
    select: ("epoll", "poll"),
    signal: ("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGWINCH", "pidfd_send_signal"),
    time: ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC", "CLOCK_REALTIME", "clock_gettime", "clock_gettime_ns"),
    os: (
        "chown", "eventfd", "forkpty", "getegid", "geteuid", "getgid", "getgroups", "killpg", "lchown", "memfd_create",
        "mkfifo", "openpty", "pidfd_open", "sched_getaffinity", "setns", "setresuid", "setsid", "splice", "sysconf",
        "uname", "unshare",
    ),
}.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)

import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


ARGUMENTS = (
    "suites", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler", "-p", "no:hypothesispytest",
)  # fmt: skip


def elsewhere(*arguments: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[bytes]:
    """pytest on such a system, with a terminal of this encoding."""
    environment = {
        **os.environ,
        "PYTHONIOENCODING": encoding,
        "PYTHONUTF8": "0",
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
    }
    command = [sys.executable, "-c", ELSEWHERE, *ARGUMENTS, "--netlab-second-opinion=off", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, timeout=120)


def test_replay_needs_no_linux(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    reports = [f"--netlab-report={name}={tmp_path / name}" for name in ("gradescope", "ctrf", "github")]
    done = elsewhere(
        "--netlab-exercise=2.2", f"--netlab-replay={GOLDEN}", f"--netlab-capture-dir={tmp_path / 'captures'}",
        f"--netlab-json={result}", f"--netlab-html={tmp_path / 'page.html'}", *reports,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    clauses = json.loads(result.read_text(encoding="utf-8"))["exercises"][0]["clauses"]
    assert {clause["outcome"] for clause in clauses} == {"passed"}
    assert len(clauses) > 10
    assert "2.2" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert all((tmp_path / name).stat().st_size for name in ("gradescope", "ctrf", "github"))


def test_a_failure_is_told_on_a_terminal_of_another_encoding(tmp_path: Path) -> None:
    """Judged once here, where its program can run, and again there, from what was kept."""
    case = REPOSITORY / "tests" / "submissions" / "broken" / "2.2" / "two-ports"
    options = ("--netlab-exercise=2.2", f"--netlab-capture-dir={tmp_path / 'kept'}")
    here = [sys.executable, "-m", "pytest", *ARGUMENTS, *options, f"--netlab-solutions={case}"]
    first = subprocess.run(here, cwd=REPOSITORY, capture_output=True, timeout=120)
    assert first.returncode == 1, first.stdout
    again = elsewhere("--netlab-exercise=2.2", f"--netlab-replay={tmp_path / 'kept'}", encoding="cp1252")
    assert (again.returncode, again.stderr) == (1, b"")
    told = again.stdout.decode("cp1252")
    assert "INTERNALERROR" not in told
    assert "handshake-one-port" in told
    assert "expected" in told
    assert "tcp.src_port" in told


def test_nothing_is_asked_of_strftime_that_windows_lacks() -> None:
    sources = [*(REPOSITORY / "pytest_netlab").rglob("*.py"), *(REPOSITORY / "pytest_netlab").rglob("*.j2")]
    assert [path.name for path in sources if re.search(r"(?<!{)%-[a-zA-Z]", path.read_text(encoding="utf-8"))] == []
