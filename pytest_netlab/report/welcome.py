"""A person's visit to the lab: a shell on the student host, and the words that it opens with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_netlab.capture import Capture
from pytest_netlab.lab import visit
from pytest_netlab.lab.addresses import INTERFACE, INTERNET, NAMES, STUDENT
from pytest_netlab.lab.console import Attached, Console
from pytest_netlab.lab.snapshot import Snapshot
from pytest_netlab.lab.taps import taps
from pytest_netlab.report.printable import wrap
from pytest_netlab.report.session import LIMITS, environment, fresh_lab, save
from pytest_netlab.report.style import Style
from pytest_netlab.traffic.peer_names import PEERS
from pytest_netlab.traffic.peers import Peers

_PROMPT = r"netlab:student \W\$ "
_TRIES = (
    ("ping -c 1 8.8.8.8", "ping"),
    ("curl -i httpbin.org/get", "curl"),
    ("nc -v scanme.nmap.org 80", "nc"),
    (f"tcpdump -n -i {INTERFACE} &", "tcpdump"),
    (f"tshark -n -i {INTERFACE} -c 4", "tshark"),
    ("ip address", "ip"),
)


def open_shell(peers: Sequence[str], capture: Path | None, style: Style) -> Attached:
    """Open a shell at the user's terminal and stay until it ends.

    Args:
        peers: names of peers.
        capture: where all frames are saved afterwards; None for nowhere.
        style: looks of the greeting.

    Raises:
        LabUnavailable: there is no lab on this machine; names the knob.
        UsageError: the capture cannot be written.
    """
    console = Console()
    files, directory, remark = _workplace()
    with fresh_lab() as lab, Capture(taps(lab)) as recorder:
        lab.suppress_kernel_resets()
        with Peers(lab, peers):
            console.say(_greeting(peers, remark, style))
            with console:
                shell = lab.attach(
                    _command(),
                    files,
                    console,
                    net_raw=True,
                    limits=LIMITS,
                    environment={**environment(), "PS1": _PROMPT, "SHELL": _command()[0]},
                    directory=directory,
                )
                shell.converse(console)
            recording = recorder.stop() if capture is not None else None
        shell.close()
    if capture is not None and recording is not None:
        save(capture, recording, "recorded by pytest-netlab shell")
        console.say([f"saved: {capture} ({len(recording)} frames; pytest-netlab show {capture})"])
    return shell


def _workplace() -> tuple[Snapshot, str, str]:
    """What the shell works in: the user's own directory; where real root calls, a copy of it."""
    here = os.getcwd()
    if os.geteuid() != 0:
        return Snapshot(), here, f"{here} is your own directory, to read and to write."
    files, problem = visit.working_directory()
    return files, "", problem or f"You are root: this is a copy of {here}, and changes in it are thrown away."


def _command() -> tuple[str, ...]:
    """bash without files of settings, or any Bourne shell."""
    bash = shutil.which("bash", path="/usr/bin:/bin")
    return (bash, "--norc", "--noprofile", "-i") if bash else ("/bin/sh", "-i")


def _greeting(peers: Sequence[str], remark: str, style: Style) -> Iterator[str]:
    yield style.paint("You are on the student host of a lab of your own. Nothing leaves it.", "strong")
    yield ""
    others = ", ".join(address for address, _ in INTERNET.ipv4 if address not in NAMES.values())
    named = ", ".join(f"{name} {address}" for name, address in NAMES.items())
    yield f"  student   {STUDENT.ipv4[0][0]}, {STUDENT.ipv6[0][0]} ({INTERFACE}), 127.0.0.1 (lo): you are here"
    yield f"  internet  {others}, {INTERNET.ipv6[0][0]}"
    yield f"            {named}"
    yield ""
    usual = "both names on TCP port 80, 8.8.8.8 for pings, UDP 10.77.0.1:8000"
    yield f"  peers     {usual if not peers else PEERS[peers[0]].text}"
    for name in peers[1:]:
        yield f"            {PEERS[name].text}"
    there = [command for command, tool in _TRIES if shutil.which(tool)]
    for index, command in enumerate(there):
        yield f"  {'try' if not index else '':<10}{command}"
    yield ""
    for line in wrap(style.safe(f"{remark} Leave with exit or Ctrl-D."), style.width - 2):
        yield style.paint(f"  {line}", "faint")
    yield ""
