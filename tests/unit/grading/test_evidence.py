"""What a clause may ask of the evidence of a run."""

from __future__ import annotations

from pytest_netlab.capture import Recording
from pytest_netlab.grading.evidence import Ending, Evidence
from pytest_netlab.lab.taps import CABLE, LOOPBACK
from pytest_netlab.wire import Direction, Frame
from tests.unit.report.failures import tcp


def test_outbound_is_what_the_tap_received_whatever_address_it_carries() -> None:
    segment = tcp((4000, 80), "S", 1, 0)
    seen = [(CABLE, Direction.INCOMING), (CABLE, Direction.OUTGOING), (LOOPBACK, Direction.INCOMING)]
    frames = tuple(
        Frame(segment, number=number, interface=interface, direction=direction)
        for number, (interface, direction) in enumerate(seen, 1)
    )
    evidence = Evidence("a_run", "a_program", recording=Recording(frames))
    assert [packet.number for packet in evidence.outbound] == [1]


def test_how_long_the_program_went_on() -> None:
    frame = Frame(tcp((4000, 80), "S", 1, 0), time_ns=5_000_000_000)
    evidence = Evidence("a_run", "a_program", recording=Recording((frame,)), ending=Ending(0, at_ns=6_500_000_000))
    assert evidence.lived_on_s(evidence.packets[0]) == 1.5
