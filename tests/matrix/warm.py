"""Cold and warm, side by side: the same submission graded by fresh interpreters and by copies of a warm one.

As a command it compares the Python submissions of the whole matrix and prints what differs:

    python -m tests.matrix.warm [EXERCISE …]

Verdicts have to be equal. Output and wire have to be so too, once what is random in any run is taken out: numbers in
the output, addresses of ephemeral ports, the order between two taps. Programs that differ between two cold runs, as
those that race with the grader do, are told apart by a second cold run. One repetition does not show every race: a
traceback that tells where Ctrl-C found a program, and a last frame before or behind the end, may still be listed.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pytest_netlab.grading import archive
from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.lab.taps import CABLE
from pytest_netlab.wire import Direction, Packet
from tests.matrix.cases import Case, cases
from tests.matrix.grade import REPOSITORY, grade

EXERCISES = ("0.1", "0.2", "1.1", "1.2", "1.4", "2.1", "2.2", "2.3", "2.4")
_THE_GRADERS = (CABLE, Direction.OUTGOING)
_NUMBER = re.compile(rb"(0x)?[0-9a-f]*\d[0-9a-f]*")


class Run(NamedTuple):
    """What one run of a program left, without what is random in any run."""

    status: int | None
    output: bytes
    frames: tuple[str, ...]


class Seen(NamedTuple):
    """What a grading came to."""

    verdicts: dict[str, str]
    runs: dict[str, Run]


def look(directory: Path, exercise: str, *options: str) -> Seen:
    """Grade a submission and keep what can be compared."""
    with tempfile.TemporaryDirectory() as scratch:
        graded = grade(directory, exercise, Path(scratch), "--netlab-capture", *options)
        found = {f"{each.program}/{each.scenario}": _run(each) for each in _saved(Path(scratch))}
    return Seen({name: clause["outcome"] for name, clause in graded.clauses.items()}, found)


def differences(one: Seen, other: Seen) -> list[str]:
    """What differs, in words."""
    told = [
        f"clause {name}: {outcome} and {other.verdicts.get(name)}"
        for name, outcome in one.verdicts.items()
        if other.verdicts.get(name) != outcome
    ]
    for name in sorted(one.runs.keys() & other.runs.keys()):
        for field, ours, theirs in zip(Run._fields, one.runs[name], other.runs[name], strict=True):
            if ours == theirs:
                continue
            if isinstance(ours, tuple) and isinstance(theirs, tuple):
                told.append(f"run {name}: {field}: {_more(ours, theirs)} and {_more(theirs, ours)}")
            else:
                told.append(f"run {name}: {field}: {ours!r:.500} and {theirs!r:.500}")
    return told


def directories(exercises: tuple[str, ...] = EXERCISES) -> Iterator[tuple[str, Path]]:
    """The Python submissions of the matrix, by exercise, the reference first."""
    for exercise in exercises:
        yield exercise, REPOSITORY / "suites" / "solutions"
        for case in (*cases("variants"), *cases("broken")):
            if case.exercise == exercise and _has_python(case):
                yield exercise, case.directory


def main(arguments: list[str]) -> int:
    """Compare everything. Returns 1 where a verdict differs; what else does is for a person to look at."""
    compared, differing, misjudged = 0, 0, 0
    for exercise, directory in directories(tuple(arguments) or EXERCISES):
        cold, warm = look(directory, exercise), look(directory, exercise, "--netlab-warm")
        compared += 1
        told = differences(cold, warm)
        if not told:
            print(f"{exercise} {directory.name}: the same, in {len(warm.runs)} runs", flush=True)
        if told:
            again = differences(cold, look(directory, exercise))
            steady = [line for line in told if line.split(":")[0] not in {each.split(":")[0] for each in again}]
            differing += bool(steady)
            misjudged += any(line.startswith("clause") for line in steady)
            verdict = "DIFFERS" if steady else "differs, as it does between cold runs"
            print(f"{exercise} {directory.name}: {verdict}", *told, sep="\n    ", flush=True)
    print(f"{compared} submissions graded cold and warm; {misjudged} verdicts differ, {differing} runs")
    return min(misjudged, 1)


def _saved(scratch: Path) -> Iterator[Evidence]:
    for path in sorted(scratch.rglob("evidence.json")):
        yield archive.load(path.parent)


def _run(evidence: Evidence) -> Run:
    # What the grader says last is in the recording or behind it, as fast as the program ends: that is no part of it.
    own = [packet for packet in evidence.packets if (packet.interface, packet.direction) != _THE_GRADERS]
    frames = sorted(_shape(packet) for packet in own)
    # Progress is drawn as often as there is time for: what counts is what is drawn at all, and Scapy's dots do not.
    lines = {_NUMBER.sub(b"#", line) for line in re.split(rb"[\r\n]+", evidence.output) if line.strip(b".*")}
    return Run(evidence.ending.status, b"\n".join(sorted(lines)), tuple(frames))


def _shape(packet: Packet) -> str:
    layers = " ".join(
        name for name in ("arp", "ipv4", "ipv6", "icmp", "icmpv6", "udp", "tcp") if getattr(packet, name, None)
    )
    flags = str(packet.tcp.flags) if packet.tcp else ""
    return f"{packet.interface} {packet.direction.name} {layers} {flags} {len(packet.frame.data)} octets"


def _more(ours: tuple[str, ...], theirs: tuple[str, ...]) -> list[str]:
    return list((Counter(ours) - Counter(theirs)).elements())


def _has_python(case: Case) -> bool:
    return not case.missing_commands and any(case.directory.glob("*.py"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
