"""Where a lab is watched: the student's `lo`, and each cable at one end: of the first, the one that the student cannot
touch, of the others the one at the host that was named last, unless that is the student's."""

from __future__ import annotations

from typing import Final

from pytest_netlab.capture.capture import Capture
from pytest_netlab.capture.tap import Tap
from pytest_netlab.lab.addresses import INTERFACE
from pytest_netlab.lab.cables import Cable
from pytest_netlab.lab.client import Lab

LOOPBACK: Final = "lo@student"
CABLE: Final = "eth0@internet"


def taps(lab: Lab) -> tuple[Tap, ...]:
    """The taps of a whole lab. Times being equal, what stayed on `lo` comes first."""
    loopback = Tap.loopback(lab.student, LOOPBACK)
    if not lab.has_cable:
        return (loopback,)
    return loopback, Tap.cable((lab.internet, INTERFACE), (lab.student, INTERFACE), CABLE), *map(tap_of, lab.cables[1:])


def follow(lab: Lab, capture: Capture) -> None:
    """Have a capture watch each cable that is laid while it runs, before that carries anything of the test's."""
    lab.on_connect(lambda cable: capture.add(tap_of(cable)) if capture.running else None)


def tap_of(cable: Cable) -> Tap:
    """The tap of a cable that was added, named such as `"eth1@router"`."""
    far, near = cable.ends
    if near.host.name == "student":
        far, near = near, far
    name = f"{near.interface}@{near.host.name}"
    return Tap.cable((near.host, near.interface), (far.host, far.interface), name)
