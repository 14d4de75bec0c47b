"""What this machine can do, tier by tier, and which knob is missing. Exit status 0 when the best tier works."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Final

from pytest_netlab.lab import doctor
from pytest_netlab.lab.doctor import Diagnosis, Part
from pytest_netlab.lab.probing import Wall
from pytest_netlab.lab.tiers import Tier

HELP = "what this machine can do, and which knob is missing"

_WIDTH: Final = 13
_WALL_WIDTH: Final = 17
_SAYS: Final = {
    "rootless": "a lab of its own for every run; the evidence is certified",
    "loopback": "programs run on this machine's own 127.0.0.1; a hostile program could forge the evidence",
    "offline": "saved captures can be judged; no program is run",
}
_GOOD, _BAD, _PLAIN = "green", "red", ""

Line = tuple[str, str]
"""A style and a text."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Look, print, and return the exit status."""
    diagnosis = doctor.examine()
    if arguments.json:
        print(json.dumps(diagnosis.as_dict(), indent=2))
    else:
        _print(list(_lines(diagnosis)))
    return 0 if diagnosis.best_tier_works else 1


def _lines(diagnosis: Diagnosis) -> Iterator[Line]:
    yield _PLAIN, "tiers, best first"
    for tier in diagnosis.tiers:
        yield from _about_tier(tier)
    yield _PLAIN, ""
    yield _PLAIN, "software"
    for part in diagnosis.parts:
        yield _about_part(part)
    if diagnosis.walls:
        yield _PLAIN, ""
        yield _PLAIN, "sandbox, attacked from inside"
        yield from map(_about_wall, diagnosis.walls)
    yield _PLAIN, ""
    yield _PLAIN, f"Grading on this machine uses the tier {diagnosis.chosen.name}."


def _about_tier(tier: Tier) -> Iterator[Line]:
    if tier.available:
        yield _GOOD, f"  {tier.name:<{_WIDTH}} yes  {_SAYS[tier.name]}"
        return
    yield _BAD, f"  {tier.name:<{_WIDTH}} no   {tier.reason}"
    if tier.knob:
        yield _PLAIN, f"  {'':<{_WIDTH}}      remedy: {tier.knob}"


def _about_part(part: Part) -> Line:
    if part.version:
        return _PLAIN, f"  {part.name:<{_WIDTH}} {part.version}"
    return (_PLAIN if part.optional else _BAD), f"  {part.name:<{_WIDTH}} not here: {part.without}"


def _about_wall(wall: Wall) -> Line:
    if wall.holds:
        return _GOOD, f"  {wall.name:<{_WALL_WIDTH}} yes  {wall.says}"
    return (
        _BAD,
        f"  {wall.name:<{_WALL_WIDTH}} NO   it does not hold here: {wall.says}; do not grade strangers' programs",
    )


def _print(lines: list[Line]) -> None:
    """In colour on a terminal, plain elsewhere."""
    if not sys.stdout.isatty():
        print("\n".join(text for _, text in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for style, text in lines:
        console.print(Text(text, style), soft_wrap=True)
