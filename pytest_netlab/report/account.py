"""The account of a recording: how much there was, the ladder, the flows, the fields that matter, and the remarks.

What a run in the lab ends with, and what `show` says of a file. Bounded: what is left out is counted, and how to see
it is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from pytest_netlab.grading.conversation import Teller
from pytest_netlab.grading.explanation import Ladder
from pytest_netlab.report import decoded
from pytest_netlab.report.flows import Flow, FlowTable, table
from pytest_netlab.report.handshakes import Remark
from pytest_netlab.report.ladder import ladder
from pytest_netlab.report.printable import wrap
from pytest_netlab.report.style import Style
from pytest_netlab.wire import Packet, Packets

_DECODED: Final = 2
_NARROWEST: Final = 20


def overview(packets: Packets, flows: Sequence[Flow], style: Style) -> list[str]:
    """Frames, flows and checksums, each counted."""
    if not packets:
        return ["no frame"]
    seconds = (packets[-1].time_ns - packets[0].time_ns) / 1e9
    count = f"{len(packets)} frame{'s' * (len(packets) != 1)} in {seconds:.3f} s"
    told = f"{count}, {len(flows)} flow{'s' * (len(flows) != 1)}; checksums: {decoded.sums(packets)}"
    return wrap(style.safe(told), style.width)


def drawn(
    packets: Sequence[Packet], noted: Sequence[Remark], names: Mapping[str, str], style: Style, *, steps: int
) -> list[str]:
    """The ladder of the first `steps` packets, those marked that a remark finds wrong."""
    teller = Teller(names)
    wrong = {remark.frame for remark in noted if remark.wrong}
    told = []
    for packet in packets:
        step = teller.step(packet)
        if step is not None:
            told.append(msgspec.structs.replace(step, marked=packet.number in wrong))
        if len(told) == steps:
            break
    if not told:
        return []
    of_ip = sum(packet.ip is not None for packet in packets)
    hosts = tuple(dict.fromkeys(end for step in told for end in (step.source, step.destination)))
    # All of them are to be drawn, so nothing is chosen around the first mark.
    return ladder(Ladder(hosts, tuple(told), of_ip - len(told), 0), style, steps=len(told))


def fields(packets: Sequence[Packet], noted: Sequence[Remark], style: Style) -> list[str]:
    """The headers of the frames that something is wrong with, or of the first of each of the first flows."""
    wrong = {remark.frame for remark in noted if remark.wrong}
    chosen = [packet for packet in packets if packet.number in wrong]
    if not chosen:
        seen = FlowTable()
        chosen = [packet for packet in packets if packet.ip is not None and seen.add(packet).packets == 1]
    lines = []
    for packet in chosen[:_DECODED]:
        lines += decoded.brief(packet, style)
    return lines


def told(noted: Sequence[Remark], style: Style) -> list[str]:
    """Remarks as text, the wrong ones marked."""
    lines = []
    for remark in noted:
        where = f"frame {remark.frame}: " if remark.frame else ""
        broken = wrap(style.safe(f"{where}{remark.text}"), max(_NARROWEST, style.width - 2))
        mark = f"{style.glyph('wrong')} " if remark.wrong else "  "
        lines += [
            style.paint(head + text, "wrong") if remark.wrong else head + text
            for head, text in zip([mark, *["  "] * (len(broken) - 1)], broken, strict=True)
        ]
    return lines


def flows(found: Sequence[Flow], style: Style, *, most: int = 20) -> list[str]:
    """The table of flows; nothing where there are none."""
    return table(found, style, most=most) if found else []
