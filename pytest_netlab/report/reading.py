"""A capture file as text: the whole of it in an account, or single frames in full.

Works wherever Python does: no lab, no privilege. A file of any size is read once; of what is chosen the first
`limit` packets are kept and shown, the rest is counted, and it is said how to see more. What damages a file ends the
account at the damage, and says where that is.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from pytest_netlab.capture import read_capture
from pytest_netlab.errors import UsageError, WireError
from pytest_netlab.lab.addresses import host_names
from pytest_netlab.report import account, decoded
from pytest_netlab.report.flows import Flow, FlowTable
from pytest_netlab.report.handshakes import Remark
from pytest_netlab.report.printable import wrap
from pytest_netlab.report.remarks import remarks
from pytest_netlab.report.style import Style
from pytest_netlab.wire import Packet, Packets, dissect
from pytest_netlab.wire.missing import protocol_of

_PATIENCE_S: Final = 120


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which packets are wanted; all conditions hold for each of them.

    Attributes:
        frames: their numbers; empty for all.
        flows: numbers of flows, as the account counts them; empty for all.
        hosts: addresses or lab names, one of which takes part.
        ports: one of which takes part.
        protocols: of `protocols.PROTOCOLS`, one of which is in it.
        display_filter: of Wireshark, decided by tshark; empty for none.
    """

    frames: frozenset[int] = frozenset()
    flows: frozenset[int] = frozenset()
    hosts: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()
    protocols: frozenset[str] = frozenset()
    display_filter: str = ""

    def accepts(self, packet: Packet, flow: Flow, selected: frozenset[int] | None) -> bool:
        """Whether a packet of that flow is wanted; `selected` are the frames that tshark chose."""
        carrier, ip = packet.transport, packet.ip
        ports = {int(carrier.src_port), int(carrier.dst_port)} if carrier is not None else set()
        addresses = {str(ip.source), str(ip.destination)} if ip is not None else set()
        return (
            (not self.frames or packet.number in self.frames)
            and (not self.flows or flow.number in self.flows)
            and (not self.hosts or bool(self.hosts & addresses))
            and (not self.ports or bool(self.ports & ports))
            and (not self.protocols or bool(self.protocols & _protocols(packet)))
            and (selected is None or packet.number in selected)
        )


def addresses_of(host: str) -> str:
    """The numeric address that the user means: an address, or one of the lab's names.

    Raises:
        UsageError: it is neither.
    """
    by_name = {name: address for address, name in host_names().items() if ":" not in address}
    by_name["internet"] = "10.77.0.1"
    try:
        return str(ip_address(by_name.get(host, host)))
    except ValueError:
        raise UsageError(f"--host {host}: neither an address nor a name of the lab ({', '.join(by_name)})") from None


@dataclass
class Read:
    """What was read of a file.

    Attributes:
        packets: the chosen ones, up to the limit.
        matching: how many were chosen.
        frames: how many the file holds.
        flows: of the whole file.
        damage: where reading ended early, and why; empty where it did not.
    """

    packets: list[Packet] = field(default_factory=list)
    matching: int = 0
    frames: int = 0
    flows: FlowTable = field(default_factory=FlowTable)
    damage: str = ""


def read(path: Path, chosen: Chosen, limit: int) -> Read:
    """Read a file once.

    Args:
        path: pcap or pcapng.
        chosen: which packets are wanted.
        limit: the most that are kept.

    Raises:
        UsageError: it cannot be read, or is no capture; or tshark is missing or refuses the filter.
    """
    selected = _selected_by_tshark(path, chosen.display_filter) if chosen.display_filter else None
    found = Read()
    try:
        for frame in read_capture(path):
            found.frames += 1
            packet = dissect(frame)
            if chosen.accepts(packet, found.flows.add(packet), selected):
                found.matching += 1
                if len(found.packets) < limit:
                    found.packets.append(packet)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except WireError as error:
        if not found.frames:
            raise UsageError(f"{path}: {error}") from error
        found.damage = f"the file is damaged behind frame {found.frames}: {error}"
    return found


def whole(path: Path, found: Read, style: Style, *, everything: bool) -> Iterator[str]:
    """The account of what was read.

    Args:
        path: of the file.
        found: its content.
        style: looks and width.
        everything: no filter was given: flows are those of the whole file.
    """
    packets = Packets(found.packets).once
    noted = [*_comments(found.packets), *remarks(packets)]
    if found.damage:
        noted.append(Remark(0, f"{found.damage[0].upper()}{found.damage[1:]}."))
    flows = found.flows.flows if everything else _flows_of(found)
    shown = len(found.packets)
    yield style.paint(style.cells(str(path), style.width), "strong")
    yield from account.overview(packets, flows, style)
    twice = shown - len(packets)
    if twice:
        yield from wrap(f"{twice} of them are second sights of a frame on loopback, and stand here once.", style.width)
    yield ""
    yield from account.drawn(packets, noted, _names(), style, steps=len(packets))
    yield from _left_out(found, shown, style)
    if flows:
        yield ""
        yield from account.flows(flows, style)
    yield ""
    yield from account.fields(packets, noted, style)
    if noted:
        yield ""
        yield from account.told(noted, style)


def frames(found: Read, style: Style) -> Iterator[str]:
    """Each packet in full: octets, fields, verdicts, comment."""
    for index, packet in enumerate(found.packets):
        if index:
            yield ""
        yield from decoded.full(packet, style)
    yield from _left_out(found, len(found.packets), style)


def _left_out(found: Read, shown: int, style: Style) -> Iterator[str]:
    more = found.matching - shown
    if more > 0:
        told = f"{style.glyph('more')} {more} frames more: --limit {found.matching} shows all, --flow N one flow"
        yield style.paint(style.cells(told, style.width), "strong")


def _comments(packets: list[Packet]) -> list[Remark]:
    """What a grader wrote on frames: the clause that failed."""
    return [Remark(packet.number, " ".join(packet.frame.comment.split())) for packet in packets if packet.frame.comment]


def _flows_of(found: Read) -> list[Flow]:
    """The flows of the chosen packets, under the numbers that they have in the whole file."""
    known = {(flow.protocol, flow.source, flow.destination): flow.number for flow in found.flows.flows}
    own = FlowTable.of(found.packets).flows
    for flow in own:
        key = flow.protocol, flow.source, flow.destination
        turned = flow.protocol, flow.destination, flow.source
        flow.number = known.get(key) or known.get(turned) or flow.number
    return own


def _protocols(packet: Packet) -> set[str]:
    tests: tuple[tuple[str, Callable[[Packet], object]], ...] = (
        ("dns", lambda each: each.dns),
        ("http", lambda each: each.http),
    )
    return {protocol_of(packet).lower()} | {name for name, test in tests if test(packet) is not None}


def _names() -> Mapping[str, str]:
    return host_names()


def _selected_by_tshark(path: Path, display_filter: str) -> frozenset[int]:
    """Numbers of the frames that Wireshark's own engine selects."""
    tshark = shutil.which("tshark")
    if tshark is None:
        raise UsageError("--display-filter needs tshark, and there is none here; --host, --port and --proto need none")
    command = [tshark, "-n", "-r", str(path), "-Y", display_filter, "-T", "fields", "-e", "frame.number"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, errors="replace")
    except subprocess.TimeoutExpired:
        raise UsageError(f"--display-filter: tshark was not done within {_PATIENCE_S} s") from None
    if done.returncode and not done.stdout:
        said = next((line for line in done.stderr.splitlines() if line.startswith("tshark:")), done.stderr.strip())
        raise UsageError(f"--display-filter {display_filter!r}: {said.removeprefix('tshark: ')}")
    return frozenset(int(line) for line in done.stdout.split() if line.isdigit())
