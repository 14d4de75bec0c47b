"""Run any program in the lab, as an ordinary user, and see what it puts on the wire.

PROGRAM is a .py file, an executable, or a command such as curl, ping or nc. Its input and output are yours, and so
is Ctrl-C. The lab's peers are there: httpbin.org and scanme.nmap.org on TCP port 80, 8.8.8.8 for pings, UDP port 8000
of 10.77.0.1. Every packet is told on standard error while it passes, and the whole account stands at the end.

A program sees a fresh copy of its own directory (a command: of the working directory). What it writes there is
thrown away, unless --keep says where to put it. Nothing that it sends leaves this machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from pytest_netlab.cli.wording import add_peers, described, style_for
from pytest_netlab.errors import LabUnavailable, UsageError

HELP = "run any program in the lab and see what it puts on the wire"

EXAMPLE: Final = """\
examples:
  pytest-netlab run manual_handshake.py                    a handshake by hand, and what the server made of it
  pytest-netlab run --peer closed manual_handshake.py      the same, and nobody listens
  pytest-netlab run --capture get.pcapng curl -s httpbin.org/get
  pytest-netlab run --peer clients udp_server.py           a server, and three datagrams for it; Ctrl-C ends it

exit status:
  the program's own; 128 + n where signal n ended it; 127 where it could not be started.
  4 a wrong call; 3 no lab on this machine (`pytest-netlab doctor` says why), or the lab failed
"""

_NOT_STARTED: Final = 127
_LAB_FAILED: Final = 3
_STEPS: Final = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    described(parser, EXAMPLE)
    parser.add_argument("--capture", metavar="FILE", type=Path, help="save all frames as pcapng")
    add_peers(parser)
    parser.add_argument("--no-net-raw", action="store_true", help="without CAP_NET_RAW: no raw and packet sockets")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="put files that the program makes or changes there")
    parser.add_argument("--quiet", action="store_true", help="tell nothing while it runs, only the account at the end")
    parser.add_argument("program", metavar="PROGRAM", help="a .py file, an executable, or a command")
    parser.add_argument("arguments", metavar="ARG", nargs=argparse.REMAINDER, help="for the program")


def run(arguments: argparse.Namespace) -> int:
    """Run it, tell, and return the program's exit status."""
    from pytest_netlab.lab import visit

    found = visit.find(arguments.program, tuple(arguments.arguments))
    _check_places(arguments)
    from pytest_netlab.report.session import Options, Session

    options = Options(
        peers=tuple(arguments.peer),
        net_raw=not arguments.no_net_raw,
        live=not arguments.quiet,
        collect=arguments.keep is not None,
        capture=arguments.capture,
        steps=_STEPS,
    )
    if found.remark:
        print(f"pytest-netlab: {found.remark}", file=sys.stderr)
    try:
        ended = Session(found.argv, found.files, options, style_for(sys.stderr)).run()
    except LabUnavailable:
        raise
    if arguments.keep is not None and ended.left is not None:
        written = visit.bring_back(ended.left, found.files, arguments.keep)
        print(f"kept in {arguments.keep}: {', '.join(written) or 'nothing new'}", file=sys.stderr)
    elif ended.not_collected:
        print(f"pytest-netlab: nothing is kept: {ended.not_collected}", file=sys.stderr)
    if ended.not_started:
        print(f"pytest-netlab: {ended.not_started}", file=sys.stderr)
        return _NOT_STARTED
    if ended.status is None:
        return _LAB_FAILED
    return ended.status if ended.status >= 0 else 128 - ended.status


def _check_places(arguments: argparse.Namespace) -> None:
    """That what will be written can be written, before anything runs."""
    for option, place in (("--capture", arguments.capture), ("--keep", arguments.keep)):
        if place is None:
            continue
        if option == "--capture" and place.is_dir():
            raise UsageError(f"{option} {place}: it is a directory; name a file in it")
        nearest = next(folder for folder in (place, *place.absolute().parents) if folder.exists() and folder.is_dir())
        if option == "--capture" and not place.absolute().parent.is_dir():
            raise UsageError(f"{option} {place}: no directory {place.parent}")
        if not os.access(nearest, os.W_OK):
            raise UsageError(f"{option} {place}: {nearest} cannot be written")
