"""Replay where there is no Linux: modules and socket families that other systems lack are taken away."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.golden.remake import GOLDEN, REPOSITORY

ELSEWHERE = """
import os, select, socket, sys

ABSENT = {"fcntl", "grp", "pty", "pwd", "pyroute2", "resource", "scapy", "pyshark", "termios", "tty"}

class Elsewhere:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ImportError(f"this system has no {name}")

sys.meta_path.insert(0, Elsewhere)
for name in ABSENT & set(sys.modules):
    del sys.modules[name]
for module, names in {
    socket: ("AF_NETLINK", "AF_PACKET", "AF_UNIX", "CMSG_SPACE", "SCM_RIGHTS", "socketpair"),
    select: ("epoll", "poll"),
    os: ("eventfd", "memfd_create", "mkfifo", "pidfd_open", "setresuid", "uname"),
}.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)

import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_replay_needs_no_linux(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    arguments = [
        "suites", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler", "-p", "no:hypothesispytest",
        "--netlab-exercise=2.2",
        f"--netlab-replay={GOLDEN}", f"--netlab-capture-dir={tmp_path / 'captures'}", f"--netlab-json={result}",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    clauses = json.loads(result.read_text())["exercises"][0]["clauses"]
    assert {clause["outcome"] for clause in clauses} == {"passed"}
    assert len(clauses) > 10
