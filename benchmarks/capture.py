"""Frames lost at each rate: our capture, tcpdump with its own and with a large buffer, dumpcap.

In a lab of its own, a C program at the internet host sends numbered frames over the cable at a steady rate; at the
student's end one of the tools writes them to a file. What a tool lacks of what was sent is lost. Every tool gets the
same frames, one tool at a time.

Then the question that matters: at the highest rate at which none of the others lost a frame, and at 1.2 times that
rate, does ours lose one?
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks import table
from pytest_netlab.capture import Capture, RingShape, Tap
from pytest_netlab.capture.ring import CABLE_RING, LARGE_RING
from pytest_netlab.errors import HarnessFault
from pytest_netlab.lab.client import Lab, shared_agent
from pytest_netlab.lab.messages import Limits
from pytest_netlab.lab.program import Program
from pytest_netlab.lab.snapshot import Snapshot
from pytest_netlab.lab.sniffers import packet_sockets

_RATES: Final = "100000,200000,300000,400000,500000,600000,800000,1000000"
_LIMIT_BYTES: Final = 4 << 30
_MEMORY_BYTES: Final = 64 << 20
_TOOL_LIMITS: Final = Limits(work_bytes=1 << 30, memory_bytes=4 << 30)
_REACHED: Final = 0.95
_READY_S: Final = 30.0
_SETTLED_S: Final = 1.0
_TCPDUMP: Final = ("tcpdump", "-Z", "root", "-i", "eth0", "-n", "-w", "/tmp/frames.pcap")
_DUMPCAP: Final = ("dumpcap", "-q", "-i", "eth0", "-w", "/tmp/frames.pcapng")

Capturer = Callable[[Lab, Callable[[], None], int], int]
"""Captures what the call sends, so many frames; returns how many of them it has."""


def ours(shape: RingShape) -> Capturer:
    """Our own capture, with a ring of that shape, on the same interface as the tools."""

    def capture(lab: Lab, send: Callable[[], None], count: int) -> int:
        tap = Tap.cable((lab.student, "eth0"), (lab.internet, "eth0"), "eth0@student", shape)
        with Capture([tap], limit_bytes=_LIMIT_BYTES, memory_bytes=_MEMORY_BYTES, patience_s=30) as running:
            send()
            try:
                running.sync()
            except HarnessFault as fault:
                dropped = re.search(r"dropped by the ring (\d+)", str(fault))
                return count - int(dropped[1]) if dropped else 0
            watch = running._watches[0]
            return watch.frames - watch.barriers_seen

    return capture


def tool(argv: Sequence[str], captured: str) -> Capturer:
    """A program that captures in the lab until Ctrl-C; the pattern finds how many frames it has."""

    def capture(lab: Lab, send: Callable[[], None], count: int) -> int:
        with lab.launch(argv, Snapshot(), net_raw=True, limits=_TOOL_LIMITS) as program:
            _await_capturing(lab, program)
            send()
            time.sleep(_SETTLED_S)  # the tools read in batches, and say nothing when they have read all
            program.interrupt()
            program.wait(60)
            found = re.search(captured, program.output.decode("utf-8", "replace"))
            if found is None:
                sys.exit(f"{' '.join(argv)}: {program.output.decode('utf-8', 'replace')}")
            return int(found[1])

    return capture


def _await_capturing(lab: Lab, program: Program) -> None:
    deadline = time.monotonic() + _READY_S
    while not packet_sockets(lab.student):
        if program.wait(0.01) or time.monotonic() > deadline:
            sys.exit(f"{' '.join(program.argv)} does not capture: {program.output.decode('utf-8', 'replace')}")
    time.sleep(_SETTLED_S)  # it holds a socket, and may still be setting it up


CAPTURERS: Final[dict[str, Capturer]] = {
    "ours (8 MiB)": ours(CABLE_RING),
    "ours (64 MiB)": ours(LARGE_RING),
    "tcpdump": tool(_TCPDUMP, r"(\d+) packets? captured"),
    "tcpdump -B 65536": tool((*_TCPDUMP[:3], "-B", "65536", *_TCPDUMP[3:]), r"(\d+) packets? captured"),
    "dumpcap": tool(_DUMPCAP, r"Packets captured: (\d+)"),
}
OTHERS: Final = ("tcpdump", "tcpdump -B 65536", "dumpcap")


class Sender:
    """The C program, compiled once."""

    def __init__(self, directory: str, size: int) -> None:
        self._program = Path(directory, "flood")
        self._size = size
        self.rate = 0.0
        source = Path(__file__).with_name("flood.c")
        subprocess.run(["gcc", "-O2", "-Wall", "-o", self._program, source], check=True)

    def send(self, lab: Lab, count: int, rate: int) -> None:
        """Send, and note the rate that was reached."""
        made = lab.internet.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        made.bind(("eth0", 0))
        command = [str(self._program), str(made.fileno()), str(count), str(rate), str(self._size)]
        done = subprocess.run(command, pass_fds=[made.fileno()], capture_output=True, text=True, check=True)
        sent, nanoseconds = map(int, done.stdout.split())
        self.rate = sent / nanoseconds * 1e9


def measure(name: str, sender: Sender, count: int, rate: int) -> dict[str, str | int | float]:
    """One tool at one rate, in a lab of its own."""
    with shared_agent().lab() as lab:
        kept = CAPTURERS[name](lab, lambda: sender.send(lab, count, rate), count)
    lost = max(0, count - kept)
    row: dict[str, str | int | float] = {
        "tool": name,
        "asked/s": rate,
        "reached/s": round(sender.rate),
        "sent": count,
        "lost": lost,
        "lost %": 100 * lost / count,
    }
    print(f"  {name:<17} {rate:>9,}/s, reached {sender.rate:>9,.0f}/s: lost {lost:,}", flush=True)
    return row


@contextmanager
def _sender(size: int) -> Iterator[Sender]:
    for needed in ("gcc", "tcpdump", "dumpcap"):
        if shutil.which(needed) is None:
            sys.exit(f"this benchmark needs {needed}")
    with tempfile.TemporaryDirectory() as directory:
        yield Sender(directory, size)


def main(arguments: Sequence[str]) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks capture", description=__doc__.split("\n\n")[0])
    parser.add_argument("--frames", type=int, default=1_000_000, help="frames at each rate (1,000,000)")
    parser.add_argument("--final-frames", type=int, default=3_000_000, help="frames of the last question (3,000,000)")
    parser.add_argument("--rates", default=_RATES, help=f"frames a second ({_RATES})")
    parser.add_argument("--size", type=int, default=60, help="bytes of a frame (60)")
    parser.add_argument("--json", metavar="FILE", help="write the rows there")
    options = parser.parse_args(arguments)
    rates = [int(rate) for rate in options.rates.split(",")]
    with _sender(options.size) as sender:
        rows = [measure(name, sender, options.frames, rate) for rate in rates for name in CAPTURERS]
        table.show("frames lost", rows)
        best = _highest_safe(rows, rates)
        final = [
            measure(name, sender, options.final_frames, round(best * factor))
            for factor in (1.0, 1.2)
            for name in CAPTURERS
            if best and name not in OTHERS
        ]
        if best:
            table.show(
                f"at {best:,} frames a second, the most at which none of the others lost one; and 1.2 times that", final
            )
        else:
            print("\nno rate was reached at which none of the others lost a frame")
    if options.json:
        table.save(options.json, rows=rows, final=final)


def _highest_safe(rows: Sequence[table.Row], rates: Sequence[int]) -> int:
    """The highest rate that the sender reached for every one of the others, and at which none of them lost a frame."""
    safe = [0]
    for rate in rates:
        those = [row for row in rows if row["asked/s"] == rate and row["tool"] in OTHERS]
        if all(row["lost"] == 0 and float(row["reached/s"]) > _REACHED * rate for row in those):
            safe.append(rate)
    return max(safe)
