"""A `Lab`: its hosts and cables, the programs in it, and the channel to its keeper.

What it gives are descriptors: a socket keeps the namespace that it was made in, so plain test code acts inside the
lab, and nothing here changes this process's namespaces or credentials.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.lab import cables, messages, program, snapshot
from pytest_netlab.lab.cables import Cable, Port
from pytest_netlab.lab.host import Host
from pytest_netlab.lab.messages import (
    Connect,
    Done,
    End,
    Failed,
    HostName,
    Launch,
    Limits,
    Message,
    NewHost,
    OpenSocket,
    SetEchoAnswer,
    SuppressKernelResets,
)

if TYPE_CHECKING:  # it needs a Unix; this module is read everywhere
    from pytest_netlab.lab.console import Attached, Console

_HOST_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NOT_NAMES: Final = frozenset({"cable", "localhost"})


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
