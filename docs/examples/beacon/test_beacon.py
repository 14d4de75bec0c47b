"""A beacon: `beacon NAME` tells UDP port 9000 of 10.77.0.1, once, that NAME is there, and prints the answer."""

from __future__ import annotations

import pytest

from pytest_netlab import Datagrams, Evidence, Exercise, Stage, shows

exercise = Exercise("beacon", "Somebody is there")
program = exercise.program("beacon", ground="beacon-sends")


@program.scenario(loopback=False)
def answered(stage: Stage) -> None:
    """Somebody listens, and answers with a word that nobody can guess."""
    receiver = stage.udp_socket(stage.internet.address, 9000, host=stage.internet)
    stage.start("lighthouse")
    if (arrived := stage.await_datagram(receiver)) is not None:
        stage.try_send(receiver, b"welcome-5fd1", arrived[1])
    stage.await_end(limit_s=5)


@pytest.fixture
def sent(answered: Evidence) -> Datagrams:
    """What the program sends to the port."""
    return answered.outbound.udp.to(9000, "10.77.0.1")


@program.must("beacon-sends", reference="RFC 768", hint="sendto() takes bytes, and an address with a port.")
def test_sends(sent: Datagrams, answered: Evidence) -> None:
    """The program sends a datagram to port 9000 of 10.77.0.1."""
    assert sent, f"on the wire: {answered.outbound.overview}; it {answered.ending}"


@program.must("beacon-says", reference="The exercise", hint="Every byte counts, and there is one behind the name.")
def test_says(sent: Datagrams) -> None:
    """The datagram says the name, and ends with a line feed."""
    assert sent.first.payload == b"lighthouse is here\n"


@program.should("beacon-once", reference="RFC 8085 §3.1", hint="Who is answered need not ask again.")
def test_once(sent: Datagrams) -> None:
    """One datagram is enough."""
    assert len(sent) == 1


@program.must("beacon-prints", builds_on="beacon-says", reference="The exercise", hint="recvfrom(), then print().")
def test_prints(answered: Evidence) -> None:
    """The answer is printed."""
    assert shows(answered.output, b"welcome-5fd1"), f"it prints {answered.text!r}"
