"""Exercise 2.1: ping with Scapy.

The program sends an ICMP echo request to 8.8.8.8, waits up to 2 s for the reply, and shows it. It runs three times:
once 8.8.8.8 answers, once it is silent, once it says that it cannot be reached. What the program claims is read from
what it says in one run and not in the others. Any payload, any number of requests and any tool will do.
"""

from __future__ import annotations

import pytest

from pytest_netlab import (
    Checksum,
    Evidence,
    Exercise,
    Packet,
    Packets,
    Stage,
    claimed_reply,
    speaks_of_privilege,
    told_of_failure,
    told_of_success,
)

TARGET = "8.8.8.8"

exercise = Exercise("2.1", "Ping with Scapy")
ping = exercise.program("scapy_ping", ground="ping-sends")


@ping.scenario(loopback=False, net_raw=True)
def answered(stage: Stage) -> None:
    """8.8.8.8 answers."""
    stage.echo_peer("answer")
    stage.start()
    stage.await_end(limit_s=15)


@ping.scenario(loopback=False, net_raw=True)
def silent(stage: Stage) -> None:
    """8.8.8.8 stays silent."""
    stage.echo_peer("silent")
    stage.start()
    stage.await_end(limit_s=10)


@ping.scenario(loopback=False, net_raw=True)
def unreachable(stage: Stage) -> None:
    """8.8.8.8 answers with destination unreachable: type 3, code 1."""
    stage.echo_peer("unreachable")
    stage.start()
    stage.await_end(limit_s=15)


@ping.scenario(loopback=False)
def without_privilege(stage: Stage) -> None:
    """8.8.8.8 would answer; the program has no CAP_NET_RAW."""
    stage.echo_peer("answer")
    stage.start()
    stage.await_end(limit_s=15)


@pytest.fixture
def sent(answered: Evidence) -> Packets:
    """The ICMP messages that the program sends."""
    return answered.outbound.icmp


@pytest.fixture
def right(sent: Packets) -> Packets:
    """Those of them that are as the exercise wants them."""
    return sent.where(
        lambda each: (
            (each.icmp.type, each.icmp.code) == (8, 0)
            and each.icmp.checksum_state is not Checksum.BAD
            and each.ipv4.checksum_state is Checksum.GOOD
            and each.ip.source == "10.77.0.2"
            and each.ip.destination == TARGET
        )
    )


@pytest.fixture
def echo_request(sent: Packets, right: Packets) -> Packet:
    """The message that is judged: the first wrong one, or the first where all are right."""
    return (sent.where(lambda each: each not in right) or sent).first


@ping.must("ping-sends", reference="RFC 792", hint="IP(dst=...) / ICMP(), and sr1() sends it. Watch the interface.")
def test_sends(sent: Packets, answered: Evidence) -> None:
    """The program sends an ICMP message, to 8.8.8.8."""
    assert sent, f"no ICMP message; on the wire: {answered.packets.overview}; it {answered.ending}"


@ping.must("ping-ends", reference="Exercise 2.1", hint="How many requests are sent, and what ends the loop?")
def test_ends(answered: Evidence) -> None:
    """When 8.8.8.8 answers, the program ends by itself within 15 s."""
    assert answered.ending.by_itself, f"it {answered.ending}"


@ping.must("ping-destination", reference="RFC 791 §3.1, Destination Address", hint="Compare it number by number.")
def test_destination(echo_request: Packet) -> None:
    """The message goes to 8.8.8.8."""
    assert echo_request.ip.destination == TARGET


@ping.must(
    "ping-ip-header",
    reference="RFC 791 §3.1",
    hint="Scapy and the kernel fill in what you leave alone. Which fields do you set yourself?",
)
def test_ip_header(echo_request: Packet) -> None:
    """The IP header is right: protocol 1, the host's own source address, a good checksum."""
    assert echo_request.ipv4.protocol == 1
    assert echo_request.ip.source == "10.77.0.2"
    assert echo_request.ipv4.checksum_state is Checksum.GOOD


@ping.must(
    "ping-echo-request",
    points=2,
    reference="RFC 792, Echo",
    hint="The first byte of the ICMP header is the type, the second the code: 8 and 0.",
)
def test_echo_request(echo_request: Packet) -> None:
    """The message is an echo request: type 8, code 0."""
    assert echo_request.icmp.type == 8
    assert echo_request.icmp.code == 0


@ping.must(
    "ping-icmp-checksum",
    reference="RFC 792, Checksum; RFC 1071",
    hint="It covers the ICMP header and all data behind it; there is no pseudo header.",
)
def test_icmp_checksum(echo_request: Packet) -> None:
    """The ICMP checksum is correct."""
    assert echo_request.icmp.checksum_state is not Checksum.BAD


@ping.should(
    "ping-identifier",
    builds_on="ping-echo-request",
    reference="RFC 792, Identifier",
    hint="The identifier tells your ping from everybody else's; Scapy's default is 0 for all of them.",
)
def test_identifier(echo_request: Packet, silent: Evidence) -> None:
    """The identifier is not always 0."""
    again = silent.outbound.icmp.first
    assert echo_request.icmp.identifier != 0 or again.icmp.identifier != 0


@ping.must(
    "ping-reports-source",
    builds_on=("ping-destination", "ping-ip-header", "ping-echo-request", "ping-icmp-checksum"),
    points=2,
    reference="Exercise 2.1",
    hint="The reply's IP header says where it came from: print its source address.",
)
def test_reports_source(answered: Evidence, silent: Evidence, unreachable: Evidence) -> None:
    """When the reply comes, the program reports its source, 8.8.8.8."""
    told = told_of_success(answered.output, silent.output, unreachable.output)
    assert TARGET in told, f"of the reply it tells {told[-200:]!r}, and not that it came from 8.8.8.8"


@ping.must(
    "ping-silent-no-reply",
    builds_on="ping-reports-source",
    points=2,
    reference="Exercise 2.1",
    hint="sr1() returns None when the time is up: look at it before you speak of a reply.",
)
def test_silence_is_no_reply(silent: Evidence, answered: Evidence, unreachable: Evidence) -> None:
    """When 8.8.8.8 stays silent, the program does not report a reply."""
    claim = claimed_reply(silent.output, answered.output, unreachable.output)
    assert not claim, f"nothing came, and it says {claim!r}, as it does when a reply comes"


@ping.must(
    "ping-silent-ends",
    builds_on="ping-ends",
    reference="Exercise 2.1",
    hint="sr1(packet) waits for ever, sr1(packet, timeout=2) does not.",
)
def test_ends_in_silence(silent: Evidence) -> None:
    """When 8.8.8.8 stays silent, the program ends by itself within 10 s."""
    assert silent.ending.by_itself, f"it {silent.ending}"


@ping.should(
    "ping-waits",
    builds_on=("ping-silent-ends", "ping-echo-request"),
    reference="Exercise 2.1",
    hint="A reply may take a while: the exercise asks for up to 2 s of patience.",
)
def test_waits(silent: Evidence) -> None:
    """The program waits for the reply, up to 2 s: it does not give up within a second."""
    waited_s = silent.lived_on_s(silent.outbound.icmp.first)
    assert waited_s >= 0.9, f"it gave up {waited_s:.2f} s after its request"


@ping.must(
    "ping-unreachable-no-reply",
    builds_on="ping-silent-no-reply",
    points=2,
    reference="RFC 792, Destination Unreachable",
    hint="Not everything that comes back is a reply: look at the type, 0 is an echo reply, 3 is unreachable.",
)
def test_unreachable_is_no_reply(unreachable: Evidence, answered: Evidence, silent: Evidence) -> None:
    """When the answer is destination unreachable, type 3, the program does not report an echo reply."""
    claim = claimed_reply(unreachable.output, answered.output, silent.output)
    assert not claim, f"to a message of type 3 it says {claim!r}, as it does when a reply comes"


@ping.must(
    "ping-speaks-of-privilege",
    reference="capabilities(7)",
    hint="Without it sending fails with an error of its own, EPERM: say what is missing.",
)
def test_speaks_of_privilege(without_privilege: Evidence, answered: Evidence, silent: Evidence) -> None:
    """Without CAP_NET_RAW the program says what is missing, where it cannot do without."""
    sent, output = without_privilege.outbound.icmp, without_privilege.output
    spoken = speaks_of_privilege(output) or told_of_failure(output, answered.output, silent.output)
    assert sent or spoken, f"it sends nothing and says nothing of it; it {without_privilege.ending}"
