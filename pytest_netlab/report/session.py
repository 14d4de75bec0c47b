"""A program's visit to the lab, told from beginning to end: live while it runs, the whole account afterwards.

Everything that is told goes to standard error; standard output is the program's alone. The lab's part and the
program's part are kept apart: what the program prints passes through unread.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_netlab.capture import Capture, Recording, Remarks, write_pcapng
from pytest_netlab.errors import LabUnavailable, UsageError
from pytest_netlab.lab import tiers
from pytest_netlab.lab.addresses import NAMES, host_names
from pytest_netlab.lab.client import Lab, shared_agent
from pytest_netlab.lab.console import Attached, Console
from pytest_netlab.lab.messages import Limits
from pytest_netlab.lab.snapshot import Snapshot
from pytest_netlab.lab.taps import taps
from pytest_netlab.report import account
from pytest_netlab.report.flows import FlowTable
from pytest_netlab.report.handshakes import Remark, Testimony
from pytest_netlab.report.live import Live
from pytest_netlab.report.printable import wrap
from pytest_netlab.report.remarks import remarks
from pytest_netlab.report.style import Style
from pytest_netlab.traffic.peer_names import PEERS
from pytest_netlab.traffic.peers import Peers

LIMITS: Final = Limits(processes=1024, cpu_s=86_400, work_bytes=1 << 30, memory_bytes=8 << 30)
"""A person watches, and has Ctrl-C: only what could hurt the machine is limited."""
_CAPTURE_BYTES: Final = 256 << 20
_MEMORY_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Options:
    """How a program is run.

    Attributes:
        peers: names of peers.
        net_raw: whether it holds CAP_NET_RAW.
        live: tell packets while it runs.
        collect: bring back what it left in its directory.
        capture: where frames are saved; None for nowhere.
        steps: packets in the ladder of the account.
    """

    peers: tuple[str, ...] = ()
    net_raw: bool = True
    live: bool = True
    collect: bool = False
    capture: Path | None = None
    steps: int = 24


class Session:
    """One program in a lab of its own.

    Args:
        argv: command and arguments.
        files: its directory.
        options: how it is run.
        style: looks of what is told.
    """

    def __init__(self, argv: tuple[str, ...], files: Snapshot, options: Options, style: Style) -> None:
        self._argv = argv
        self._files = files
        self._options = options
        self._style = style

    def run(self) -> Attached:
        """Run it to its end, and tell.

        Raises:
            LabUnavailable: there is no lab on this machine; names the knob.
            HarnessFault: the lab failed.
        """
        console = Console()
        options = self._options
        with fresh_lab() as lab, Capture(taps(lab), limit_bytes=_CAPTURE_BYTES, memory_bytes=_MEMORY_BYTES) as capture:
            # A hand-made handshake is reset by the student's own kernel, which does not know of it. In a mix of
            # traffic those resets are part of what is counted.
            if options.net_raw and not any(PEERS[name].student == "mix" for name in options.peers if name in PEERS):
                lab.suppress_kernel_resets()
            with Peers(lab, options.peers) as peers:
                with self._told(capture, console):
                    with console:
                        program = lab.attach(
                            self._argv,
                            self._files,
                            console,
                            net_raw=options.net_raw,
                            limits=LIMITS,
                            collect=options.collect,
                            environment=environment(),
                        )
                        program.converse(console)
                    peers.settle()
                recording = capture.stop()
                testimony = Testimony(peers.listeners, peers.accepted)
            program.close()
        if options.capture is not None:
            save(options.capture, recording, f"recorded by pytest-netlab run {' '.join(self._argv)}")
        if not program.not_started:
            console.say(self._account(recording, testimony))
        return program

    def _told(self, capture: Capture, console: Console) -> contextlib.AbstractContextManager[object]:
        if not self._options.live:
            return contextlib.nullcontext()
        return Live(capture, console.say, self._style, bar=os.isatty(2))

    def _account(self, recording: Recording, testimony: Testimony) -> Iterator[str]:
        style = self._style
        packets = recording.packets.once
        found = FlowTable.of(packets).flows
        noted = remarks(packets, testimony)
        yield ""
        yield style.paint(style.cells(_rule(style, "on the wire"), style.width), "strong")
        if not packets:
            names = ", ".join(NAMES)
            yield from wrap(
                f"Nothing: no packet was sent, and none came. The lab knows the names {names}.", style.width
            )
            yield from account.told(self._limits_told(recording), style)
            yield from self._where_to_look(style)
            return
        yield from account.overview(packets, found, style)
        yield ""
        yield from account.drawn(packets, noted, host_names(), style, steps=self._options.steps)
        yield ""
        if len(found) > 1:
            yield from account.flows(found, style, most=10)
            yield ""
        yield from account.fields(packets, noted, style)
        yield ""
        yield from account.told([*noted, *self._limits_told(recording)], style)
        yield from self._where_to_look(style)

    def _limits_told(self, recording: Recording) -> list[Remark]:
        if not recording.truncated_by:
            return []
        return [Remark(0, f"More was sent than a recording holds ({_CAPTURE_BYTES >> 20} MiB): the rest is not in it.")]

    def _where_to_look(self, style: Style) -> Iterator[str]:
        if self._options.capture is not None:
            text = f"saved: {self._options.capture} (pytest-netlab show {self._options.capture} --frame 1)"
            yield style.paint(style.cells(text, style.width), "faint")


@contextlib.contextmanager
def fresh_lab() -> Iterator[Lab]:
    """A lab, or the reason why there is none here, and the remedy.

    Raises:
        LabUnavailable: as `pytest-netlab doctor` would say it.
    """
    try:
        lab = shared_agent().lab()
    except (LabUnavailable, OSError) as error:
        reason = error.reason if isinstance(error, LabUnavailable) else str(error)
        knob = tiers.knob_for(reason) or "see pytest-netlab doctor"
        raise LabUnavailable(f"there is no lab on this machine: {reason}", knob) from error
    with lab:
        yield lab


def save(path: Path, recording: Recording, remark: str) -> None:
    """Save a recording.

    Raises:
        UsageError: it cannot be written there.
    """
    try:
        write_pcapng(path, recording.frames, recording.interfaces, Remarks(section=remark, names=host_names()))
    except OSError as error:
        raise UsageError(f"--capture {path}: {error.strerror}") from error


def environment() -> dict[str, str]:
    """What a person's program gets besides the allow-list: the kind of their terminal, their language."""
    wanted = ("TERM", "COLORTERM", "NO_COLOR")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def _rule(style: Style, title: str) -> str:
    dash = style.glyph("dash")
    return f"{dash * 2} {title} {dash * max(0, min(style.width, 80) - len(title) - 4)}"
