"""The process that keeps one lab alive: it lives in the student host and serves one test process.

When its channel closes it ends, and with it everything the lab held: no pid file, no clean-up step that
could be missed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import NoReturn

import msgspec

from pytest_netlab.lab import cabling, firewall, linux, messages, network, root, sandbox
from pytest_netlab.lab.messages import (
    AddRoute,
    Connect,
    Done,
    Failed,
    HostName,
    Launch,
    NewHost,
    OpenNet,
    OpenSocket,
    SetEchoAnswer,
    SuppressKernelResets,
)
from pytest_netlab.lab.namespaces import enter_inner

_INNER = linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS


Start = Callable[[Launch, int, socket.socket, socket.socket], None]
"""Becomes a warden; see `sandbox.start`."""


class Keeper:
    """The requests that a test process may make of one lab.

    Args:
        channel: to the test process.
        networks: network namespaces by host; empty where there is only the one that all are in.
        start: becomes the warden of a program, in a freshly forked process.
    """

    def __init__(self, channel: socket.socket, networks: dict[HostName, int], start: Start) -> None:
        self._channel = channel
        self._networks = networks
        self._start = start
        self._wardens: set[int] = set()

    def serve(self) -> None:
        """Answer requests until the other side is gone."""
        while True:
            request, descriptors = messages.receive(self._channel)
            if request is None:
                return
            try:
                self._answer(request, descriptors)
            except (OSError, ValueError) as error:
                messages.send(self._channel, Failed(str(error), getattr(error, "errno", 0) or 0))
            finally:
                for fd in descriptors:
                    os.close(fd)

    def wait_wardens(self) -> None:
        """Return when every program has ended and is cleaned up after."""
        for warden in self._wardens:
            os.waitpid(warden, 0)

    def _answer(self, request: messages.Message, descriptors: list[int]) -> None:
        match request:
            case OpenSocket(host, family, kind, protocol):
                self._reply_with(lambda: socket.socket(family, kind, protocol).detach(), host)
            case OpenNet(host, name) if name.isalnum():
                path = f"/proc/self/net/{name}"
                self._reply_with(lambda: os.open(path, os.O_RDONLY | os.O_CLOEXEC), host)
            case SuppressKernelResets():
                self._require_own_network()
                firewall.drop_kernel_resets()
                messages.send(self._channel, Done())
            case SetEchoAnswer(host, enabled):
                self._require_own_network()
                with self._inside(host):
                    _set_echo_answer(enabled)
                messages.send(self._channel, Done())
            case NewHost() | Connect() | AddRoute():
                self._require_own_network()
                self._build(request)
                messages.send(self._channel, Done())
            case Launch():
                self._launch(request, descriptors)
            case _:
                raise ValueError(f"a lab does not answer {type(request).__name__}")

    def _build(self, request: NewHost | Connect | AddRoute) -> None:
        """Change what the lab consists of."""
        match request:
            case NewHost(name, forwards):
                cabling.new_host(self._networks, name, forwards=forwards)
            case Connect(one, other):
                cabling.connect(self._networks, one, other)
            case AddRoute(host, destination, gateway):
                with self._inside(host):
                    cabling.add_route(destination, gateway)

    def _reply_with(self, make: Callable[[], int], host: HostName) -> None:
        """Make a descriptor inside `host` and send it."""
        with self._inside(host):
            fd = make()
        messages.send(self._channel, Done(), [fd])
        os.close(fd)

    @contextlib.contextmanager
    def _inside(self, host: HostName) -> Iterator[None]:
        """Be in the network namespace of `host` for a while; at home is the student's."""
        if host != "student" and host not in self._networks:
            raise ValueError(f"this tier has no host {host}: everything stays on 127.0.0.1")
        if host != "student":
            linux.setns(self._networks[host], linux.CLONE_NEWNET)
        try:
            yield
        finally:
            if host != "student":
                linux.setns(self._networks["student"], linux.CLONE_NEWNET)

    def _require_own_network(self) -> None:
        """Settings of the kernel are changed in a lab's own namespaces, never on the machine."""
        if not self._networks:
            raise ValueError("this tier has no network of its own to change settings in")

    def _launch(self, launch: Launch, descriptors: list[int]) -> None:
        work_fd, control_fd, *passed = descriptors
        launch = msgspec.structs.replace(launch, passed=dict(zip(launch.passed, passed, strict=True)))
        ours, report = messages.pair()
        control = socket.socket(fileno=os.dup(control_fd))
        with self._inside(launch.host):
            warden = os.fork()
            if warden == 0:
                self._channel.close()
                ours.close()
                os.close(control_fd)
                _be_called(launch.host)
                self._start(launch, work_fd, control, report)
        report.close()
        control.close()
        self._reap(warden)
        reply, terminal = messages.receive(ours)
        ours.close()
        messages.send(self._channel, reply or Failed("the program's first process died while starting"), terminal)
        for fd in terminal:
            os.close(fd)

    def _reap(self, started: int) -> None:
        self._wardens.add(started)
        for warden in tuple(self._wardens):
            if os.waitpid(warden, os.WNOHANG)[0]:
                self._wardens.discard(warden)


def run(channel: socket.socket, mapped: Callable[[], None], *, relayed: bool) -> NoReturn:
    """Become a keeper. Call in a process that the agent has just forked.

    Args:
        channel: to the test process.
        mapped: returns once the agent has written this process's user map.
        relayed: cut the cable in the middle, with a namespace there.
    """
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        enter_inner(_INNER, mapped)
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        linux.bind(root.ROOT, root.ROOT)  # a mount of this namespace's own, or nobody could pivot to it
        _set_host_name("student")
        keeper = Keeper(channel, network.build(relayed=relayed), sandbox.start)
        _forbid_further_namespaces()
        messages.send(channel, Done())
        keeper.serve()
    except OSError as error:
        messages.send(channel, Failed(str(error), error.errno or 0))
    finally:
        os._exit(0)


def _be_called(host: HostName) -> None:
    """Give this process, and those that it starts, the name of the host that they are on. Home is the student's."""
    if host != "student":
        with contextlib.suppress(OSError):  # where nothing may be unshared the name stays; nothing depends on it
            linux.unshare(linux.CLONE_NEWUTS)
            _set_host_name(host)


def _set_host_name(name: str) -> None:
    ctypes.CDLL(None).sethostname(name.encode(), len(name))


def _set_echo_answer(enabled: bool) -> None:
    for path in ("ipv4/icmp_echo_ignore_all", "ipv6/icmp/echo_ignore_all"):
        with open(f"/proc/sys/net/{path}", "w", encoding="ascii") as file:
            file.write("0" if enabled else "1")


def _forbid_further_namespaces() -> None:
    """No user namespace below this lab's: a program cannot regain inside one what it was denied here."""
    try:
        with open("/proc/sys/user/max_user_namespaces", "w", encoding="ascii") as file:
            file.write("0")
    except OSError:
        pass  # /proc/sys is read-only in some containers; the filter refuses the call all the same
