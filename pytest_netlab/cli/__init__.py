"""The command `pytest-netlab`.

One module a command; each has a `HELP` line, `add_arguments` and `run`, and imports what it needs when it runs.
Exit statuses are pytest's where they mean the same: 4 is a call that its author can mend.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final, Protocol

from pytest_netlab import __version__
from pytest_netlab.cli import check_suite, completion, doctor, init, run, shell, show
from pytest_netlab.errors import HarnessFault, LabUnavailable, NetlabError, UsageError


class Command(Protocol):
    """What the module of a command offers; its docstring is the command's description."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its options."""
        ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it, and return the exit status."""
        ...


COMMANDS: Final[dict[str, Command]] = {
    "check-suite": check_suite,
    "completion": completion,
    "doctor": doctor,
    "init": init,
    "run": run,
    "shell": shell,
    "show": show,
}

_USAGE_ERROR: Final = 4
_FAILED: Final = 1
_LAB_FAILED: Final = 3
_INTERRUPTED: Final = 130

_EXAMPLE: Final = """\
example:
  pytest-netlab doctor                    what this machine can do, and which knob is missing
  pytest-netlab init homework             stubs for every exercise
  pytest-netlab run homework/udp_client.py
  pytest-netlab shell                     look around in the lab
  pytest-netlab show CAPTURE              what a capture says

`pytest-netlab COMMAND --help` has examples and exit statuses.

Grading itself is pytest's: pytest --pyargs pytest_netlab.suites --netlab-solutions DIR
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: without the program's name; those of this process where it is None.

    Returns:
        The exit status.
    """
    parser = parser_of_all()
    try:
        chosen = parser.parse_args(arguments)
    except SystemExit as end:  # argparse has printed what there is to say; its status for a wrong call is 2
        return _USAGE_ERROR if end.code else 0
    try:
        status = COMMANDS[chosen.command].run(chosen)
        sys.stdout.flush()
    except NetlabError as error:
        print(f"pytest-netlab: {error}", file=sys.stderr)
        return _status_of(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough; Python must not try to flush once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    return status


def _status_of(error: NetlabError) -> int:
    if isinstance(error, UsageError):
        return _USAGE_ERROR
    return _LAB_FAILED if isinstance(error, (LabUnavailable, HarnessFault)) else _FAILED


def parser_of_all() -> argparse.ArgumentParser:
    """The parser of the whole command line; completion scripts are made of it, too."""
    parser = argparse.ArgumentParser(
        prog="pytest-netlab",
        description="Grade network programs by what they put on the wire.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pytest-netlab {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        module.add_arguments(command)
    return parser
