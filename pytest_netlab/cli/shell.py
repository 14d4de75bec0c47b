"""A shell on the student host of the lab, with the lab's peers up: look around, send, capture, without root.

tcpdump and tshark see the student's interfaces, because the shell holds CAP_NET_RAW in the lab. It works in your own
working directory, to read and to write (real root: in a copy, for in the lab even root is nobody); nothing else of
yours is there, neither your home nor your shell's settings. Background jobs end with the shell.

Wireshark's window cannot be opened from inside: no display reaches into the lab. Write a capture into the working
directory instead (tcpdump -w, or --capture) and open it outside.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from pytest_netlab.cli.wording import add_peers, described, style_for
from pytest_netlab.errors import UsageError

HELP = "a shell on the student host of the lab, with the peers up"

EXAMPLE: Final = """\
examples:
  pytest-netlab shell
  pytest-netlab shell --peer silent --capture session.pcapng

exit status:
  the shell's own; 128 + n where signal n ended it.
  4 a wrong call; 3 no lab on this machine (`pytest-netlab doctor` says why), or the lab failed
"""

_LAB_FAILED: Final = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    described(parser, EXAMPLE)
    parser.add_argument("--capture", metavar="FILE", type=Path, help="save all frames as pcapng when the shell ends")
    add_peers(parser)


def run(arguments: argparse.Namespace) -> int:
    """Open it, and return its exit status."""
    if arguments.capture is not None and not arguments.capture.absolute().parent.is_dir():
        raise UsageError(f"--capture {arguments.capture}: no directory {arguments.capture.parent}")
    from pytest_netlab.report import welcome

    ended = welcome.open_shell(tuple(arguments.peer), arguments.capture, style_for(sys.stderr))
    if ended.status is None:
        print(f"pytest-netlab: {ended.not_started or 'the shell was lost'}", file=sys.stderr)
        return _LAB_FAILED
    return ended.status if ended.status >= 0 else 128 - ended.status
