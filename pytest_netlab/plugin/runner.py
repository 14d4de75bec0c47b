"""What the fixture `run_program` hands out."""

from __future__ import annotations

import os
from contextlib import ExitStack

from pytest_netlab.lab import snapshot
from pytest_netlab.lab.client import Lab
from pytest_netlab.lab.messages import Limits
from pytest_netlab.lab.program import Program
from pytest_netlab.lab.snapshot import Snapshot


class RunProgram:
    """Starts programs in a lab's student host and ends them with the test."""

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
    ) -> Program:
        """Start a program.

        Args:
            argv: command and arguments.
            directory: copied to the program's working directory; empty where it is None.
            net_raw: whether the program holds CAP_NET_RAW.
            limits: what it may use.
            environment: added to the few variables that every program gets.

        Raises:
            UsageError: `directory` cannot be read.
            HarnessFault: the sandbox could not be built.
        """
        files = snapshot.take(directory) if directory is not None else Snapshot()
        words = [os.fspath(word) for word in argv]
        program = self._lab.launch(words, files, net_raw=net_raw, limits=limits, environment=environment)
        self._stack.callback(program.kill)
        return program
