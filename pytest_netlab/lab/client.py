"""The test process's side: an `Agent` that makes labs, a `Lab` with its two hosts.

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
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from pytest_netlab.errors import HarnessFault, LabUnavailable
from pytest_netlab.lab import addresses, messages, program, snapshot
from pytest_netlab.lab.messages import (
    Done,
    Failed,
    HostName,
    KeepWarm,
    Launch,
    Limits,
    Message,
    NewLab,
    OpenNet,
    OpenSocket,
    SetEchoAnswer,
    SuppressKernelResets,
)

if TYPE_CHECKING:  # it needs a Unix; this module is read everywhere
    from pytest_netlab.lab.console import Attached, Console

_NET_TABLE_BYTES: Final = 1 << 20


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


class Host:
    """One host of a lab: a place where sockets are made.

    Attributes:
        name: `"student"` or `"internet"`.
        address: its first IPv4 address.
        address6: its first IPv6 address.
        mac: the hardware address of its `eth0`.
    """

    def __init__(self, lab: Lab, name: HostName, interface: addresses.Interface) -> None:
        self._lab = lab
        self.name: HostName = name
        self.mac = interface.mac
        self.address = interface.ipv4[0][0]
        self.address6 = interface.ipv6[0][0]
        self._tables: dict[str, int] = {}
        self._opening = threading.Lock()

    def __repr__(self) -> str:
        return f"<Host {self.name} {self.address}>"

    def socket(self, family: int, type: int, protocol: int = 0) -> socket.socket:
        """A socket in this host's network namespace. The lab closes it with itself, where the caller has not.

        Raises:
            OSError: the kernel refused.
        """
        return self._lab.socket(self.name, family, type, protocol)

    def read_net(self, name: str) -> bytes:
        """The kernel's table /proc/net/`name` as this host sees it now, such as `"udp"` or `"dev"`."""
        with self._opening:  # two taps that ask at the same time must not both open it
            if name not in self._tables:
                self._tables[name] = self._lab.request(OpenNet(self.name, name))[0]
        parts: list[bytes] = []
        offset = 0
        while part := os.pread(self._tables[name], _NET_TABLE_BYTES, offset):
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Close the tables that were read."""
        for fd in self._tables.values():
            os.close(fd)
        self._tables.clear()


class Lab:
    """Two hosts and the cable between them, alone in the world until `close`.

    Attributes:
        student: where programs run.
        internet: where the grader's peers are.
        has_cable: False in the loopback tier, where the student host is this machine and there is no other.
    """

    def __init__(self, channel: socket.socket, *, has_cable: bool = True) -> None:
        self.has_cable = has_cable
        self._channel = channel
        self._one_at_a_time = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._programs: list[program.Program | Attached] = []
        self.student = Host(self, "student", addresses.STUDENT)
        self.internet = Host(self, "internet", addresses.INTERNET)

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def launch(
        self,
        argv: Sequence[str],
        files: snapshot.Snapshot,
        *,
        net_raw: bool = False,
        limits: Limits | None = None,
        collect: bool = False,
        environment: dict[str, str] | None = None,
        warm: Sequence[str] | None = None,
    ) -> program.Program:
        """Start a program in the student host's sandbox.

        Args:
            argv: command and arguments; run in a fresh copy of `files`.
            files: what stands in the program's working directory.
            net_raw: whether it holds CAP_NET_RAW.
            limits: what it may use.
            collect: bring back what it left in its directory.
            environment: added to the allow-list that every program gets.
            warm: modules that a warm interpreter may have imported before it runs a program of this interpreter's
                (`Agent.keep_warm`); None starts a fresh one.

        Raises:
            HarnessFault: the sandbox could not be built.
        """
        launch = Launch(tuple(argv), program.environment(environment), net_raw, limits or Limits(), collect)
        if warm is not None:
            launch = msgspec.structs.replace(launch, warm=tuple(warm))
        ours, theirs = messages.pair()
        work_fd = snapshot.to_descriptor(files)
        try:
            terminal = self.request(launch, [work_fd, theirs.fileno()])[0]
        except BaseException:
            ours.close()
            raise
        finally:
            os.close(work_fd)
            theirs.close()
        started = program.Program(tuple(argv), terminal, ours, launch.limits.output_bytes)
        self._programs.append(started)
        return started

    def end_programs(self, reason: str) -> None:
        """End every program at once, without waiting, from any thread; `reason` becomes its `stopped_by`."""
        for started in self._programs:
            started.end(reason)

    def attach(
        self,
        argv: Sequence[str],
        files: snapshot.Snapshot,
        console: Console,
        *,
        net_raw: bool = False,
        limits: Limits | None = None,
        collect: bool = False,
        environment: dict[str, str] | None = None,
        directory: str = "",
    ) -> Attached:
        """Start a program in the student host's sandbox, for a person at a terminal.

        Args:
            argv, files, net_raw, limits, collect, environment: as for `launch`.
            console: the person's terminal, and what of it was redirected.
            directory: a directory of the person's own that the program works in, instead of a copy of `files`.

        Raises:
            HarnessFault: the sandbox could not be built.
        """
        launch = Launch(
            tuple(argv),
            program.environment(environment),
            net_raw,
            limits or Limits(),
            collect,
            console.window,
            dict.fromkeys(console.passed, -1),
            directory,
        )
        from pytest_netlab.lab.console import Attached

        ours, theirs = messages.pair()
        work_fd = snapshot.to_descriptor(files)
        try:
            terminal = self.request(launch, [work_fd, theirs.fileno(), *console.passed])[0]
        except BaseException:
            ours.close()
            raise
        finally:
            os.close(work_fd)
            theirs.close()
        attached = Attached(terminal, ours)
        self._programs.append(attached)
        return attached

    def suppress_kernel_resets(self) -> None:
        """Drop the resets that the student's kernel sends by itself; those that a program sends pass."""
        self.request(SuppressKernelResets())

    def answer_echo(self, host: Host, enabled: bool) -> None:
        """Whether the kernel of `host` answers echo requests, ICMP and ICMPv6, by itself; it does in a fresh lab.

        Raises:
            OSError: /proc/sys is read-only on this machine.
        """
        self.request(SetEchoAnswer(host.name, enabled))

    def request(self, message: Message, descriptors: Sequence[int] = ()) -> list[int]:
        """Ask the lab's keeper for something and return the descriptors that it answers with."""
        try:
            with self._one_at_a_time:
                messages.send(self._channel, message, descriptors)
                reply, received = messages.receive(self._channel)
        except OSError as error:
            raise HarnessFault(f"the lab is gone ({error.strerror})") from error
        if isinstance(reply, Done):
            return received
        if isinstance(reply, Failed) and reply.errno:
            raise OSError(reply.errno, reply.reason)
        raise HarnessFault(reply.reason if isinstance(reply, Failed) else "the lab's keeper died")

    def socket(self, host: HostName, family: int, type: int, protocol: int = 0) -> socket.socket:
        """A socket in the network namespace of a host, or of the relayed `"cable"`; it is closed with the lab.

        Raises:
            OSError: the kernel refused.
        """
        request = OpenSocket(host, int(family), int(type), int(protocol))
        made = socket.socket(fileno=self.request(request)[0])
        self._sockets.append(made)  # an open socket would keep its network alive
        return made

    def close(self) -> None:
        """End everything in the lab."""
        for started in self._programs:
            started.kill()
        for made in self._sockets:
            made.close()
        self.student.close()
        self.internet.close()
        self._channel.close()


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
