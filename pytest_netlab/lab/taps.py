"""Where a lab is watched: the student's `lo`, and the cable at the end that the student cannot touch."""

from __future__ import annotations

from typing import Final

from pytest_netlab.capture.tap import Tap
from pytest_netlab.lab.addresses import INTERFACE
from pytest_netlab.lab.client import Lab

LOOPBACK: Final = "lo@student"
CABLE: Final = "eth0@internet"


def taps(lab: Lab) -> tuple[Tap, ...]:
    """The taps of a whole lab. Times being equal, what stayed on `lo` comes first."""
    loopback = Tap.loopback(lab.student, LOOPBACK)
    if not lab.has_cable:
        return (loopback,)
    return loopback, Tap.cable((lab.internet, INTERFACE), (lab.student, INTERFACE), CABLE)
