"""A conversation as a ladder: hosts side by side, time downwards, an arrow for each packet.

      1   0.000000  │── 61413 → 80 S seq 0 (1000) ──────────────────▶│
    ✗ 3   0.000412  │── 46593 → 80 A seq 1001 ack 1 (5001) ─────────▶│
                    └ what is wrong with it

A label too long for its arrow stands above it. More hosts than fit side by side make a list instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from pytest_netlab.grading.explanation import Ladder, Step
from pytest_netlab.report.style import Style

WIDEST = 78
"""Columns between the outermost hosts at most: an arrow across a wide screen is hard to follow."""
_NARROWEST = 16


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things stand: the column of each host's line, and the width of what comes before them."""

    style: Style
    at: dict[str, int]
    before: int
    digits: int


def ladder(conversation: Ladder, style: Style, *, steps: int = 12) -> list[str]:
    """Draw a conversation.

    Args:
        conversation: the steps.
        style: looks and width.
        steps: to draw at most, those around the marked one.
    """
    chosen, before, after = _choose(conversation, steps)
    digits = max((len(str(step.frame)) for step in chosen), default=1)
    prefix = 2 + digits + 2 + max((len(f"{step.time_s:.6f}") for step in chosen), default=8) + 2
    talking = dict.fromkeys(host for step in chosen for host in (step.source, step.destination))
    hosts = [host for host in dict.fromkeys((*conversation.hosts, *talking)) if host in talking]
    gap = min(WIDEST, style.width - prefix - 1) // max(1, len(hosts) - 1)
    plan = _Plan(style, {host: prefix + index * gap for index, host in enumerate(hosts)}, prefix, digits)
    if gap < _NARROWEST:
        drawn = [line for step in chosen for line in _listed(plan, step)]
    else:
        drawn = [style.paint(_names(plan, hosts, gap), "strong")]
        drawn += _omitted(plan, before)
        drawn += [line for step in chosen for line in _drawn(plan, step)]
        return drawn + _omitted(plan, after)
    return _omitted(plan, before) + drawn + _omitted(plan, after)


def _choose(conversation: Ladder, steps: int) -> tuple[list[Step], int, int]:
    """The steps to draw, and the packets left out before and after them."""
    told = conversation.steps
    center = next((index for index, step in enumerate(told) if step.marked), 0)
    start = max(0, min(center - 2 * steps // 3, len(told) - steps))
    chosen = list(told[start : start + steps])
    before = conversation.omitted_before + start
    after = conversation.omitted - conversation.omitted_before + len(told) - start - len(chosen)
    return chosen, before, after


def _omitted(plan: _Plan, frames: int) -> list[str]:
    if frames <= 0:
        return []
    text = f"{plan.style.glyph('more')} {frames} frame{'s' * (frames != 1)} omitted"
    return [plan.style.paint(" " * plan.before + text, "faint")]


def _names(plan: _Plan, hosts: list[str], gap: int) -> str:
    """The hosts' names: the first from its line on, the last up to its line, the others around theirs."""
    line = ""
    for index, host in enumerate(hosts):
        name = plan.style.cells(host, gap - 2 if len(hosts) > 1 else plan.style.width - plan.before)
        at = plan.at[host]
        if index == len(hosts) - 1 and index:
            at -= len(name) - 1
        elif index:
            at -= len(name) // 2
        line = line.ljust(at if not line else max(at, len(line) + 1)) + name
    return plan.style.cells(line, plan.style.width)


def _prefix(plan: _Plan, step: Step) -> str:
    mark = plan.style.glyph("wrong") if step.marked else " "
    return f"{mark} {step.frame:>{plan.digits}}  {step.time_s:.6f}".ljust(plan.before)


def _drawn(plan: _Plan, step: Step) -> list[str]:
    """One packet: its label where the arrow cannot hold it, the arrow, its note."""
    style = plan.style
    here, there = plan.at[step.source], plan.at[step.destination]
    left, room = min(here, there), abs(here - there) - 1
    label = style.cells(step.label, style.width - plan.before - 2)
    drawn = []
    if room < 0:
        line = _beside(plan, left, f"{style.glyph('self')} {label}")
    elif len(label) + 6 > room:
        drawn.append(_beside(plan, left, label))
        line = _lines(plan, left + 1, _arrow(style, "", room, forward=there > here))
    else:
        line = _lines(plan, left + 1, _arrow(style, label, room, forward=there > here))
    drawn.append(_prefix(plan, step) + line[plan.before :])
    if step.note:
        drawn.append(_beside(plan, left, f"{style.glyph('note')} {step.note}"))
    return [_painted(style, line, "wrong" if step.marked else "") for line in drawn]


def _beside(plan: _Plan, column: int, text: str) -> str:
    """A line of text to the right of a host's line, or as far left as it must start to be whole."""
    cut = plan.style.cells(text, plan.style.width - plan.before - 2)
    return _lines(plan, max(plan.before, min(column + 2, plan.style.width - len(cut))), cut)


def _painted(style: Style, line: str, manner: str) -> str:
    return style.paint(line, manner) if manner else line


def _arrow(style: Style, label: str, room: int, *, forward: bool) -> str:
    dash = style.glyph("dash")
    told = f" {label} " if label else ""
    if forward:
        return dash * 2 + told + dash * (room - 3 - len(told)) + style.glyph("right")
    return style.glyph("left") + dash + told + dash * (room - 2 - len(told))


def _lines(plan: _Plan, at: int, text: str) -> str:
    """The hosts' lines, with `text` over them from column `at` on."""
    cells = [" "] * max(at, *(column + 1 for column in plan.at.values()))
    for column in plan.at.values():
        cells[column] = plan.style.glyph("line")
    cells[at : at + len(text)] = list(text)
    return "".join(cells)


def _listed(plan: _Plan, step: Step) -> list[str]:
    style = plan.style
    told = f"{step.source} {style.glyph('to')} {step.destination}  {step.label}"
    texts = [told, f"{style.glyph('note')} {step.note}"] if step.note else [told]
    drawn = [style.cells(text, style.width - plan.before) for text in texts]
    first = _prefix(plan, step) + drawn[0]
    rest = [" " * plan.before + text for text in drawn[1:]]
    return [_painted(style, line, "wrong" if step.marked else "") for line in (first, *rest)]
