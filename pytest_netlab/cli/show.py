"""A capture (pcap or pcapng) as text: ladder, flows, fields, checksum verdicts, comments, and remarks.

With --frame, single frames in full: octets, every field with its offset, what the checksum is worth. The options
that choose packets may be repeated, which widens each of them; different ones narrow each other.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from pytest_netlab.cli.wording import described, style_for

HELP = "ladder, flows, fields and remarks of a capture"

EXAMPLE: Final = """\
examples:
  pytest-netlab show captures/golden/2.2/capture.pcapng
  pytest-netlab show get.pcapng --frame 4           one frame: octets and every field
  pytest-netlab show get.pcapng --flow 2            one flow, by its number in the table of flows
  pytest-netlab show get.pcapng --host httpbin.org --port 80 --proto http
  pytest-netlab show get.pcapng --display-filter 'tcp.flags.reset == 1'

exit status:
  0 shown; 1 nothing matches; 4 a wrong call, or a file that is no capture
"""

_NOTHING: Final = 1
_LIMIT: Final = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    from pytest_netlab.report.protocols import PROTOCOLS

    described(parser, EXAMPLE)
    parser.add_argument("capture", metavar="CAPTURE", type=Path, help="a pcap or pcapng file")
    parser.add_argument("--frame", metavar="N", type=_number, action="append", default=[], help="this frame, in full")
    parser.add_argument("--flow", metavar="N", type=_number, action="append", default=[], help="only this flow")
    parser.add_argument("--host", action="append", default=[], help="only with this address, or name of the lab")
    parser.add_argument("--port", type=_number, action="append", default=[], help="only with this port")
    parser.add_argument("--proto", action="append", default=[], choices=PROTOCOLS, help="only of this protocol")
    parser.add_argument("--display-filter", metavar="FILTER", default="", help="Wireshark's, where tshark is installed")
    parser.add_argument("--limit", metavar="N", type=_number, default=_LIMIT, help=f"packets shown (default {_LIMIT})")
    parser.add_argument("--width", metavar="COLUMNS", type=_number, help="instead of the terminal's")


def run(arguments: argparse.Namespace) -> int:
    """Read, print, and return the exit status."""
    from pytest_netlab.report import reading

    chosen = reading.Chosen(
        frozenset(arguments.frame),
        frozenset(arguments.flow),
        frozenset(reading.addresses_of(host) for host in arguments.host),
        frozenset(arguments.port),
        frozenset(arguments.proto),
        arguments.display_filter,
    )
    found = reading.read(arguments.capture, chosen, arguments.limit)
    style = style_for(sys.stdout, arguments.width)
    if not found.matching:
        print(f"pytest-netlab: {arguments.capture}: none of its {found.frames} frames matches", file=sys.stderr)
        if found.damage:
            print(f"pytest-netlab: {found.damage}", file=sys.stderr)
        return _NOTHING
    everything = chosen == reading.Chosen()
    lines = (
        reading.frames(found, style)
        if arguments.frame
        else reading.whole(arguments.capture, found, style, everything=everything)
    )
    for line in lines:
        print(line)
    return 0


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 32:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)
