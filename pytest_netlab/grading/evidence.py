"""What one run of a program left behind: everything that a clause may look at, and nothing live.

A clause reads the recording and the facts; it never sees the program, a socket or a clock. So the same
clause can judge a run that happened just now and one that was saved last year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pytest_netlab.capture.recording import Recording
from pytest_netlab.grading.opinion import Opinion
from pytest_netlab.lab.taps import CABLE
from pytest_netlab.wire import Datagrams, Direction, Packet, Packets


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a script could not go on: the program did not do what everything after it builds on.

    Attributes:
        clause: id of the clause that says so; every other clause of the run is blocked by it.
        expected: what had to happen.
        actual: what happened.
        closest: packets that come nearest to what was expected.
    """

    clause: str
    expected: str
    actual: str
    closest: tuple[Packet, ...] = ()


@dataclass(slots=True)
class Ending:
    """How a program ended.

    Attributes:
        status: exit status, or minus a signal's number; None where it was never started.
        stopped_by: what the grader did to end it, such as `"SIGINT"`, or the limit that it exceeded, such as
            `"limit:capture"`; empty where it ended by itself.
        after_s: seconds from its start to its end.
        not_started: why the kernel would not execute it, or empty.
        at_ns: when that was, in nanoseconds since the epoch, as the recording counts time; 0 where it is not known.
        limit: the limit that it exceeded, in words that begin with its name, such as `"limit:cpu: 61.2 s …"`; empty
            for none.
    """

    status: int | None = None
    stopped_by: str = ""
    after_s: float = 0.0
    not_started: str = ""
    at_ns: int = 0
    limit: str = ""

    @property
    def limit_name(self) -> str:
        """Such as `"limit:cpu"`; empty where no limit was exceeded."""
        return ":".join(self.limit.split(":")[:2])

    @property
    def known(self) -> bool:
        """Whether there was a program to end."""
        return self.status is not None or bool(self.not_started)

    @property
    def by_itself(self) -> bool:
        """Whether it ended without the grader's help."""
        return self.status is not None and not self.stopped_by

    def __str__(self) -> str:
        if self.not_started:
            return f"could not be started: {self.not_started}"
        if self.status is None:
            return "was not run"
        how = f"exit status {self.status}" if self.status >= 0 else f"signal {-self.status}"
        if self.stopped_by.startswith("limit:"):
            return f"was ended by the grader after {self.after_s:.1f} s ({self.stopped_by})"
        if self.stopped_by and self.after_s < 1:
            return f"was running when the grader ended it ({self.stopped_by})"
        if self.stopped_by:
            return f"was still running after {self.after_s:.0f} s and was ended by the grader ({self.stopped_by})"
        return f"ended by itself, {how}"


@dataclass(slots=True)
class Evidence:
    """One run of one program.

    Attributes:
        scenario: name of the run.
        program: the program's name in the curriculum.
        exercise: id of the exercise.
        recording: every frame of the run, from before the program's start to after its end.
        output: what it printed, both streams as one, as bytes; the middle may be missing where there was much.
        ending: how it ended.
        facts: what the grader's own side saw or did, by name.
        halt: why the script stopped early, or None.
        fault: what went wrong on the grader's side, or empty. With a fault, nothing here is a verdict.
        told_by: id of the clause that has told of the halt in place of the clause that the halt names, or empty.
        run_id: random, the same in all that is kept of one run; empty where nothing ran.
        ground: id of the clause that everything in the run builds on.
        kept_at: the capture that it was read from, empty for a run of this session.
        produced_by: versions of what recorded it, where that was not this session.
        opinion: what Wireshark makes of the recording; None where it was not asked. It is asked anew in each session.
    """

    scenario: str
    program: str
    exercise: str = ""
    recording: Recording = field(default_factory=lambda: Recording(()))
    output: bytes = b""
    ending: Ending = field(default_factory=Ending)
    facts: dict[str, Any] = field(default_factory=dict)
    halt: Halt | None = None
    fault: str = ""
    told_by: str = ""
    run_id: str = ""
    ground: str = ""
    kept_at: str = ""
    produced_by: dict[str, str] = field(default_factory=dict)
    opinion: Opinion | None = None

    @property
    def packets(self) -> Packets:
        """Every packet of the run, in order."""
        return self.recording.packets

    @property
    def udp(self) -> Datagrams:
        """Its UDP datagrams."""
        return self.recording.packets.udp

    @property
    def outbound(self) -> Packets:
        """What left the student's host over the cable, whatever source address it carries."""

        def outbound(packet: Packet) -> bool:
            return packet.interface == CABLE and packet.direction is Direction.INCOMING

        return self.packets.where(outbound, "of the program")

    @property
    def inbound(self) -> Packets:
        """What the grader's side sent over the cable. Nothing that the program sends is in it, whatever it claims."""

        def inbound(packet: Packet) -> bool:
            return packet.interface == CABLE and packet.direction is Direction.OUTGOING

        return self.packets.where(inbound, "of the other host")

    def lived_on_s(self, packet: Packet) -> float:
        """How many seconds the program went on behind a packet; never less than it really did."""
        return (self.ending.at_ns - packet.time_ns) / 1e9

    @property
    def text(self) -> str:
        """The output as text; bytes that are not UTF-8 appear as escapes such as `\\xff`."""
        return self.output.decode("utf-8", "backslashreplace")

    def __getattr__(self, name: str) -> Any:
        """A fact by its name."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.facts[name]
        except KeyError:
            known = ", ".join(sorted(self.facts)) or "none"
            raise AttributeError(f"the run {self.scenario} noted no {name!r}; its facts: {known}") from None
