"""The test process's side: an `Agent`, the process that makes labs. What one can do with a `Lab` is in `lab`.

Nothing here changes this process's namespaces or credentials. What it gets are descriptors: a socket keeps
the namespace that it was made in, so plain test code acts inside the lab.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from pytest_netlab.errors import LabUnavailable
from pytest_netlab.lab import messages, program
from pytest_netlab.lab.host import Host
from pytest_netlab.lab.lab import Lab
from pytest_netlab.lab.messages import Done, Failed, KeepWarm, NewLab

__all__ = ["Agent", "Host", "Lab", "shared_agent"]


class Agent:
    """The process that makes labs. One per test process is enough.

    Args:
        walls: False makes the agent of the loopback tier, which has no namespaces.

    Raises:
        LabUnavailable: this machine refuses a step; the reason says which, the knob how to allow it.
    """

    def __init__(self, *, walls: bool = True) -> None:
        self._channel, theirs = messages.pair()
        with theirs:
            self._process = _spawn(theirs, "agent" if walls else "beside")
        self._walls = walls
        self._one_at_a_time = threading.Lock()
        self._ready = False
        self._warm = False

    def wait_ready(self) -> None:
        """Return once the agent has built its private root; the first lab waits for it by itself."""
        if not self._ready:
            _expect_done(self._channel, "the agent")
            self._ready = True

    def lab(self, *, relayed: bool = False) -> Lab:
        """A fresh lab.

        Args:
            relayed: cut its cable in the middle. Nothing passes before a `traffic.link.Link` carries the frames.
        """
        with self._one_at_a_time:
            self.wait_ready()
        ours, theirs = messages.pair()
        with theirs:
            messages.send(self._channel, NewLab(relayed), [theirs.fileno()])
        try:
            _expect_done(ours, "the lab")
        except BaseException:
            ours.close()
            raise
        return Lab(ours, has_cable=self._walls)

    def keep_warm(self) -> None:
        """Start the warm interpreter, for the labs made from now on. Where there is none, programs run cold."""
        with self._one_at_a_time:
            if self._walls and not self._warm:
                self.wait_ready()
                self._warm = True
                messages.send(self._channel, KeepWarm(program.environment()))
                _expect_done(self._channel, "the warm interpreter")

    def close(self) -> None:
        """End the agent and every lab that it made."""
        self._channel.close()
        self._process.wait()


def shared_agent(*, walls: bool = True) -> Agent:
    """This process's agent of either kind, started on first use and ended with the process."""
    return _shared_agent(walls)


@functools.cache
def _shared_agent(walls: bool) -> Agent:
    # By position: to the cache, a default that is left out and the same one said are two calls.
    agent = Agent(walls=walls)
    atexit.register(agent.close)
    return agent


def _spawn(channel: socket.socket, agent: str) -> subprocess.Popen[bytes]:
    package_parent = str(Path(__file__).resolve().parents[2])
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if key in os.environ}
    command = [sys.executable, "-c", _BOOT, package_parent, str(channel.fileno()), agent]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, pass_fds=[channel.fileno()], cwd="/")


_BOOT: Final = (
    "import sys, socket, importlib; sys.path.insert(0, sys.argv[1]); "
    "agent = importlib.import_module('pytest_netlab.lab.' + sys.argv[3]); "
    "agent.main(socket.socket(fileno=int(sys.argv[2])))"
)


def _expect_done(channel: socket.socket, what: str) -> None:
    reply, descriptors = messages.receive(channel)
    for fd in descriptors:
        with contextlib.suppress(OSError):
            os.close(fd)
    if isinstance(reply, Done):
        return
    reason = reply.reason if isinstance(reply, Failed) else "it ended without a word"
    raise LabUnavailable(f"{what} could not be built: {reason}")
