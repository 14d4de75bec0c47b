"""What the fixtures hand out that make things: programs and servers that end with the test."""

from __future__ import annotations

import os
from contextlib import ExitStack

from pytest_netlab.lab import snapshot
from pytest_netlab.lab.client import Host, Lab
from pytest_netlab.lab.messages import Limits
from pytest_netlab.lab.program import Program
from pytest_netlab.lab.snapshot import Snapshot
from pytest_netlab.traffic.tcp import Behaviour, TcpServer, echo
from pytest_netlab.traffic.udp import Reply, UdpServer


class RunProgram:
    """Starts programs in a lab, in its student host by default, and ends them with the test."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self._lab = lab
        self._stack = stack

    def __call__(
        self,
        *argv: str | os.PathLike[str],
        directory: str | os.PathLike[str] | None = None,
        net_raw: bool = False,
        limits: Limits | None = None,
        environment: dict[str, str] | None = None,
        host: Host | None = None,
    ) -> Program:
        """Start a program.

        Args:
            argv: command and arguments.
            directory: copied to the program's working directory; empty where it is None.
            net_raw: whether the program holds CAP_NET_RAW.
            limits: what it may use.
            environment: added to the few variables that every program gets.
            host: whose network it is in; the student host's by default.

        Raises:
            UsageError: `directory` cannot be read.
            HarnessFault: the sandbox could not be built.
        """
        files = snapshot.take(directory) if directory is not None else Snapshot()
        words = [os.fspath(word) for word in argv]
        program = self._lab.launch(words, files, net_raw=net_raw, limits=limits, environment=environment, host=host)
        self._stack.callback(program.kill)
        return program


class MakeUdpServer:
    """Starts UDP servers in a lab and ends them with the test."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self._lab = lab
        self._stack = stack

    def __call__(
        self, port: int = 0, reply: Reply = None, *, host: Host | None = None, address: str | None = None
    ) -> UdpServer:
        """Start a server.

        Args:
            port: 0 lets the kernel choose.
            reply: what it answers; a function of data and source; None is silence.
            host: where; the internet host by default.
            address: one of the host's; its first IPv4 address by default.

        Raises:
            UsageError: no such address, or the port is taken.
        """
        server = UdpServer(host or self._lab.internet, port, address, reply)
        self._stack.callback(server.close)
        return server


class MakeTcpServer:
    """Starts TCP servers in a lab and ends them with the test."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self._lab = lab
        self._stack = stack

    def __call__(
        self, port: int = 0, behaviour: Behaviour = echo, *, host: Host | None = None, address: str | None = None
    ) -> TcpServer:
        """Start a server.

        Args:
            port: 0 lets the kernel choose.
            behaviour: what it does with each connection; sends back what it gets by default.
            host: where; the internet host by default.
            address: one of the host's; its first IPv4 address by default.

        Raises:
            UsageError: no such address, or the port is taken.
        """
        server = TcpServer(host or self._lab.internet, port, address, behaviour)
        self._stack.callback(server.close)
        return server
