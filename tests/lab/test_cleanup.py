"""After a lab nothing is left of it: no process, namespace, mount or file, however it ended."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_netlab import HarnessFault, Lab, Program
from pytest_netlab.lab.client import Agent
from pytest_netlab.lab.snapshot import Entry, Snapshot
from tests.lab.processes import NAMESPACES, descendants, namespaces, open_descriptors, still_there, watched

BUSY = b"""
import os, signal
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
os.write(1, b"r")
while True:
    signal.pause()
"""
PROCESSES = 8


@pytest.fixture
def agent() -> Iterator[Agent]:
    made = Agent()
    yield made
    made.close()


def busy(lab: Lab) -> Program:
    """A program of eight processes that no signal but KILL ends."""
    program = lab.launch([sys.executable, "x.py"], Snapshot((Entry(b"x.py", "file", data=BUSY),)))
    assert program.wait_output(b"r" * PROCESSES, 20)
    return program


def test_a_program_takes_everything_with_it(agent: Agent) -> None:
    with agent.lab() as lab:
        before = set(descendants(agent._process.pid))
        program = busy(lab)
        started = [pid for pid in descendants(agent._process.pid) if pid not in before]
        assert len(started) >= PROCESSES + 2
        with watched(started) as held:
            program.kill()
            assert still_there(held) == []
        assert program.status == -signal.SIGKILL


def test_a_lab_takes_everything_with_it(agent: Agent) -> None:
    agent.wait_ready()
    assert descendants(agent._process.pid) == []
    lab = agent.lab()
    program = busy(lab)
    with watched(descendants(agent._process.pid)) as held:
        assert len(held) >= PROCESSES + 3
        lab.close()
        assert still_there(held) == []
    program.kill()
    with watched(descendants(agent._process.pid)) as held:
        assert still_there(held) == []


def test_labs_end_one_by_one(agent: Agent) -> None:
    with agent.lab() as staying, agent.lab() as leaving:
        assert len(descendants(agent._process.pid)) == 2
        leaving.close()
        with staying.launch(["echo", "still here"], Snapshot()) as program:
            assert program.wait(20)
        assert program.output == b"still here\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_agent_takes_every_lab_with_it(number: signal.Signals) -> None:
    agent = Agent()
    lab = agent.lab()
    program = busy(lab)
    with watched([agent._process.pid, *descendants(agent._process.pid)]) as held:
        agent._process.send_signal(number)
        agent._process.wait(20)
        assert still_there(held) == []
    with pytest.raises(HarnessFault, match="died"):
        program.wait(20)
    program.kill()
    assert program.status == -signal.SIGKILL
    with pytest.raises(HarnessFault, match=r"lab is gone|keeper died"):
        lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    lab.close()
    agent.close()


def test_killing_a_program_whose_lab_died_is_harmless() -> None:
    agent = Agent()
    with agent.lab() as lab:
        program = busy(lab)
        agent._process.kill()
        agent._process.wait(20)
        program.kill()
    assert program.status == -signal.SIGKILL
    agent.close()


def test_the_end_of_the_test_process_is_the_end_of_all(tmp_path: Path) -> None:
    """Killed outright in the middle of a run: nobody is left to clean up, and nothing is left to clean."""
    program = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pytest_netlab.lab.client import Agent
from tests.lab.test_cleanup import busy
agent = Agent()
lab = agent.lab()
it = busy(lab)
print("ready", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == b"ready\n"
        with watched([grader.pid, *descendants(grader.pid)]) as held:
            assert len(held) >= PROCESSES + 5
            grader.kill()
            grader.wait(20)
            assert still_there(held) == []


def test_namespaces_are_the_labs_own(agent: Agent) -> None:
    own = namespaces([os.getpid()])
    with agent.lab() as lab, lab.launch(["sh", "-c", "echo ready; exec cat"], Snapshot()) as program:
        assert program.wait_output(b"ready", 20)
        keeper, *_, inner = descendants(agent._process.pid)
        assert len(namespaces([keeper])) == len(namespaces([inner])) == len(NAMESPACES)
        assert namespaces([keeper]) & own <= {os.readlink("/proc/self/ns/pid")}
        assert namespaces([inner]) & own == set()
    assert namespaces([os.getpid()]) == own


def test_nothing_is_mounted_or_written_where_others_see_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    mounts = Path("/proc/self/mountinfo").read_text()
    descriptors = open_descriptors()
    agent = Agent()
    with agent.lab() as lab:
        busy(lab).kill()
        assert Path("/proc/self/mountinfo").read_text() == mounts
    agent.close()
    assert list(tmp_path.iterdir()) == []
    assert Path("/proc/self/mountinfo").read_text() == mounts
    assert open_descriptors() == descriptors


def test_many_labs_need_no_more_namespaces_than_one() -> None:
    """In a user namespace that may hold few of them, more labs are made than would fit if any stayed.

    The kernel gives a namespace back some time after its last user is gone, hence the margin.
    """
    program = """
import os, socket, sys
from pathlib import Path
from pytest_netlab.lab import linux, namespaces
uid, gid = os.getuid(), os.getgid()
linux.unshare(linux.CLONE_NEWUSER)
namespaces.write_maps("self", f"1000 {uid} 1\\n", f"1000 {gid} 1\\n", deny_setgroups=True)
for kind, most in {"net": 80, "mnt": 80, "pid": 40, "ipc": 40, "uts": 40}.items():
    Path(f"/proc/sys/user/max_{kind}_namespaces").write_text(str(most))
from pytest_netlab.lab.client import Agent
from pytest_netlab.lab.snapshot import Snapshot
agent = Agent()
for _ in range(60):
    with agent.lab() as lab, lab.launch(["true"], Snapshot()) as program:
        lab.internet.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        assert program.wait(20)
agent.close()
print("made them all")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    if f"Errno {errno.EPERM}" in done.stderr and "unshare" in done.stderr:
        pytest.skip("no user namespaces on this machine")
    assert done.stdout == "made them all\n", done.stderr
