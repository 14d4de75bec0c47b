"""The test process's side: an `Agent` that makes labs, a `Lab` with its hosts and cables.

Nothing here changes this process's namespaces or credentials. What it gets are descriptors: a socket keeps
the namespace that it was made in, so plain test code acts inside the lab.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from pytest_netlab.errors import HarnessFault, LabUnavailable, UsageError
from pytest_netlab.lab import cables, messages, program, snapshot
from pytest_netlab.lab.cables import Cable, Port
from pytest_netlab.lab.host import Host
from pytest_netlab.lab.messages import (
    Connect,
    Done,
    End,
    Failed,
    HostName,
    KeepWarm,
    Launch,
    Limits,
    Message,
    NewHost,
    NewLab,
    OpenSocket,
    SetEchoAnswer,
    SuppressKernelResets,
)

if TYPE_CHECKING:  # it needs a Unix; this module is read everywhere
    from pytest_netlab.lab.console import Attached, Console

__all__ = ["Agent", "Host", "Lab", "shared_agent"]

_HOST_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NOT_NAMES: Final = frozenset({"cable", "localhost"})


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


class Lab:
    """Two hosts and the cable between them, alone in the world until `close`; more of both on request.

    Attributes:
        student: where programs run.
        internet: where the grader's peers are.
        cables: the first one, and those that were added, in this order.
        has_cable: False in the loopback tier, where the student host is this machine and there is no other.
    """

    def __init__(self, channel: socket.socket, *, has_cable: bool = True) -> None:
        self.has_cable = has_cable
        self._channel = channel
        self._one_at_a_time = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._programs: list[program.Program | Attached] = []
        self.student, self.internet = Host(self, "student"), Host(self, "internet")
        self._hosts = {"student": self.student, "internet": self.internet}
        self.cables: list[Cable] = []
        self._listeners: list[Callable[[Cable], None]] = []
        self._note(cables.first(self.student, self.internet))

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def host(self, name: str, *, forwards: bool = False) -> Host:
        """A further host; nothing but its `lo`, until `connect` gives it a cable.

        Args:
            name: lower-case letters, digits and hyphens, such as `"router"`.
            forwards: it is a router, of IPv4 and IPv6: it passes on what is for others, and says so by ICMP where it
                cannot.

        Raises:
            UsageError: the name is taken or none, or this tier has no hosts.
            OSError: /proc/sys is read-only on this machine, so that nothing can be made to forward.
        """
        if not self.has_cable:
            raise UsageError("this tier has one host and no cables: hosts are added in the rootless tier")
        if not _HOST_NAME.fullmatch(name) or name in _NOT_NAMES:
            raise UsageError(f"{name!r} is no name for a host: lower-case letters, digits and hyphens, 32 at most")
        if name in self._hosts:
            raise UsageError(f"this lab has a host {name} already")
        self.request(NewHost(name, forwards))
        made = self._hosts[name] = Host(self, name)
        return made

    def connect(self, one: Host, other: Host, *networks: str) -> Cable:
        """Lay a cable between two hosts. It carries frames, and captures watch it, when this returns.

        Args:
            one, other: get the first and the second address of each network, on an interface `eth0`, `eth1` and so on.
            networks: in 10.78.0.0/16 or fd00:78::/32, such as `"10.78.5.0/24"`, `"fd00:78:5::/64"`. Without any, the
                lab's second cable has 10.78.1.0/24 and fd00:78:1::/64, the third one 10.78.2.0/24 and so on.

        Raises:
            UsageError: the hosts are not two of this lab, or a network is none, outside, too small or in use.
        """
        for host in (one, other):
            if self._hosts.get(host.name) is not host:
                raise UsageError(f"{host!r} is no host of this lab")
        cable = cables.plan(one, other, networks, self.cables, len(self.cables))
        self.request(Connect(_end(cable.ends[0]), _end(cable.ends[1])))
        self._note(cable)
        for listener in self._listeners:
            listener(cable)
        return cable

    def on_connect(self, listener: Callable[[Cable], None]) -> None:
        """Have `listener` called with each cable that is laid from now on, before `connect` returns."""
        self._listeners.append(listener)

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
        host: Host | None = None,
    ) -> program.Program:
        """Start a program in a sandbox, in the student host.

        Args:
            argv: command and arguments; run in a fresh copy of `files`.
            files: what stands in the program's working directory.
            net_raw: whether it holds CAP_NET_RAW.
            limits: what it may use.
            collect: bring back what it left in its directory.
            environment: added to the allow-list that every program gets.
            warm: modules that a warm interpreter may have imported before it runs a program of this interpreter's
                (`Agent.keep_warm`); None starts a fresh one.
            host: another host, whose network it is in. All else is as in the student host.

        Raises:
            HarnessFault: the sandbox could not be built.
        """
        launch = Launch(tuple(argv), program.environment(environment), net_raw, limits or Limits(), collect)
        if warm is not None:
            launch = msgspec.structs.replace(launch, warm=tuple(warm))
        if host is not None and host is not self.student:
            launch = msgspec.structs.replace(launch, host=host.name, warm=None)
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
        for host in self._hosts.values():
            host.close()
        self._channel.close()

    def _note(self, cable: Cable) -> None:
        self.cables.append(cable)
        for port in cable.ends:
            port.host.cables.append(cable)


def _end(port: Port) -> End:
    return End(port.host.name, port.interface, port.mac, port.addresses)


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
