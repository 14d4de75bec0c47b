"""What the commands' help and output have in common: examples, the table of peers, the looks of the terminal."""

from __future__ import annotations

import argparse
import os
import shutil
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from pytest_netlab.report.style import Style

_NAME: Final = 14


def described(parser: argparse.ArgumentParser, epilog: str) -> None:
    """Keep the line ends of a command's description and examples."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = epilog


def add_peers(parser: argparse.ArgumentParser) -> None:
    """Declare `--peer`, and name every peer in the help."""
    from pytest_netlab.traffic.peer_names import PEERS

    parser.add_argument(
        "--peer",
        metavar="NAME",
        action="append",
        default=[],
        choices=list(PEERS),
        help="what the lab's peers do instead, see below; may be repeated",
    )
    told = "\n".join(f"  {name:<{_NAME}}{kind.text}" for name, kind in PEERS.items())
    usual = f"  {'(none)':<{_NAME}}pages are served, connections accepted, pings answered"
    parser.epilog = f"peers:\n{usual}\n{told}\n\n{parser.epilog or ''}"


def style_for(stream: TextIO, width: int | None = None, *, colour: bool | None = None) -> Style:
    """How output to `stream` looks: as wide as its terminal, coloured there, and ASCII where nothing else can be.

    Args:
        stream: where it goes.
        width: columns that the user asked for.
        colour: what the user asked for; by default a terminal that NO_COLOR does not forbid.
    """
    from pytest_netlab.report.style import Style

    terminal = stream.isatty()
    columns = shutil.get_terminal_size((100, 24)).columns if terminal else 100
    if terminal:
        columns = os.get_terminal_size(stream.fileno()).columns or columns
    coloured = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    encoding = (stream.encoding or "ascii").lower().replace("-", "")
    return Style(max(40, width or columns), coloured if colour is None else colour, not encoding.startswith("utf"))
