"""Exercise 2.1 over IPv6: ping with Scapy.

The program sends an ICMPv6 echo request to fd00:77::1, waits up to 2 s for the reply, and shows it. It runs three
times: once fd00:77::1 answers, once it is silent, once it says that it cannot be reached. What the program claims is
read from what it says in one run and not in the others. Any payload, any number of requests and any tool will do.
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

TARGET = "fd00:77::1"
OWN = "fd00:77::2"
HOUSEKEEPING = frozenset((*range(130, 138), 143))
"""Multicast listeners and neighbour discovery (RFC 2710, RFC 4861, RFC 3810): programs that build frames need them."""

exercise = Exercise("2.1-ipv6", "Ping with Scapy, over IPv6")
ping = exercise.program("scapy_ping6", ground="ping6-sends")


@ping.scenario(loopback=False, net_raw=True)
def answered(stage: Stage) -> None:
    """fd00:77::1 answers."""
    stage.echo_peer("answer", TARGET)
    stage.start()
    stage.await_end(limit_s=15)


@ping.scenario(loopback=False, net_raw=True)
def silent(stage: Stage) -> None:
    """fd00:77::1 stays silent."""
    stage.echo_peer("silent", TARGET)
    stage.start()
    stage.await_end(limit_s=10)


@ping.scenario(loopback=False, net_raw=True)
def unreachable(stage: Stage) -> None:
    """fd00:77::1 answers with destination unreachable: type 1, code 3."""
    stage.echo_peer("unreachable", TARGET)
    stage.start()
    stage.await_end(limit_s=15)


@ping.scenario(loopback=False)
def without_privilege(stage: Stage) -> None:
    """fd00:77::1 would answer; the program has no CAP_NET_RAW."""
    stage.echo_peer("answer", TARGET)
    stage.start()
    stage.await_end(limit_s=15)


def messages_of(run: Evidence) -> Packets:
    """The ICMPv6 messages that the program sends, without the housekeeping of IPv6."""
    return run.outbound.icmpv6.where(lambda each: each.icmpv6.type not in HOUSEKEEPING)


@pytest.fixture
def sent(answered: Evidence) -> Packets:
    """What the program sends to be answered."""
    return messages_of(answered)


@pytest.fixture
def right(sent: Packets) -> Packets:
    """Those messages that are as the exercise wants them."""
    return sent.where(
        lambda each: (
            (each.icmpv6.type, each.icmpv6.code) == (128, 0)
            and each.icmpv6.checksum_state is Checksum.GOOD
            and each.ip.source == OWN
            and each.ip.destination == TARGET
        )
    )


@pytest.fixture
def echo_request(sent: Packets, right: Packets) -> Packet:
    """The message that is judged: the first wrong one, or the first where all are right."""
    return (sent.where(lambda each: each not in right) or sent).first


@ping.must(
    "ping6-sends",
    reference="RFC 4443",
    hint="IPv6(dst=...) / ICMPv6EchoRequest(), and sr1() sends it. ICMP() is a message of IPv4.",
)
def test_sends(sent: Packets, answered: Evidence) -> None:
    """The program sends an ICMPv6 message, to fd00:77::1."""
    assert sent, f"no ICMPv6 message; on the wire: {answered.packets.overview}; it {answered.ending}"


@ping.must("ping6-ends", reference="Exercise 2.1", hint="How many requests are sent, and what ends the loop?")
def test_ends(answered: Evidence) -> None:
    """When fd00:77::1 answers, the program ends by itself within 15 s."""
    assert answered.ending.by_itself, f"it {answered.ending}"


@ping.must("ping6-destination", reference="RFC 8200 §3, Destination Address", hint="Compare it group by group.")
def test_destination(echo_request: Packet) -> None:
    """The message goes to fd00:77::1."""
    assert echo_request.ip.destination == TARGET


@ping.must(
    "ping6-source",
    reference="RFC 8200 §3, Source Address",
    hint="Scapy and the kernel fill in the host's own address. Do you set it yourself?",
)
def test_source(echo_request: Packet) -> None:
    """The message comes from the host's own address, fd00:77::2."""
    assert echo_request.ip.source == OWN


@ping.must(
    "ping6-echo-request",
    points=2,
    reference="RFC 4443 §4.1",
    hint="The first byte of the ICMPv6 header is the type, the second the code: 128 and 0. 8 is IPv4's.",
)
def test_echo_request(echo_request: Packet) -> None:
    """The message is an echo request: type 128, code 0."""
    assert echo_request.icmpv6.type == 128
    assert echo_request.icmpv6.code == 0


@ping.must(
    "ping6-checksum",
    reference="RFC 4443 §2.3; RFC 8200 §8.1",
    hint="Unlike ICMP's it covers a pseudo header: both addresses, the length, and next header 58.",
)
def test_checksum(echo_request: Packet) -> None:
    """The ICMPv6 checksum is correct, pseudo header included."""
    assert echo_request.icmpv6.checksum_state is Checksum.GOOD


@ping.should(
    "ping6-identifier",
    builds_on="ping6-echo-request",
    reference="RFC 4443 §4.1, Identifier",
    hint="The identifier tells your ping from everybody else's; Scapy's default is 0 for all of them.",
)
def test_identifier(echo_request: Packet, silent: Evidence) -> None:
    """The identifier is not always 0."""
    again = messages_of(silent).first
    assert echo_request.icmpv6.identifier != 0 or again.icmpv6.identifier != 0


@ping.must(
    "ping6-reports-source",
    builds_on=("ping6-destination", "ping6-source", "ping6-echo-request", "ping6-checksum"),
    points=2,
    reference="Exercise 2.1",
    hint="The reply's IPv6 header says where it came from: print its source address.",
)
def test_reports_source(answered: Evidence, silent: Evidence, unreachable: Evidence) -> None:
    """When the reply comes, the program reports its source, fd00:77::1."""
    told = told_of_success(answered.output, silent.output, unreachable.output)
    assert TARGET in told, f"of the reply it tells {told[-200:]!r}, and not that it came from {TARGET}"


@ping.must(
    "ping6-silent-no-reply",
    builds_on="ping6-reports-source",
    points=2,
    reference="Exercise 2.1",
    hint="sr1() returns None when the time is up: look at it before you speak of a reply.",
)
def test_silence_is_no_reply(silent: Evidence, answered: Evidence, unreachable: Evidence) -> None:
    """When fd00:77::1 stays silent, the program does not report a reply."""
    claim = claimed_reply(silent.output, answered.output, unreachable.output)
    assert not claim, f"nothing came, and it says {claim!r}, as it does when a reply comes"


@ping.must(
    "ping6-silent-ends",
    builds_on="ping6-ends",
    reference="Exercise 2.1",
    hint="sr1(packet) waits for ever, sr1(packet, timeout=2) does not.",
)
def test_ends_in_silence(silent: Evidence) -> None:
    """When fd00:77::1 stays silent, the program ends by itself within 10 s."""
    assert silent.ending.by_itself, f"it {silent.ending}"


@ping.must(
    "ping6-unreachable-no-reply",
    builds_on="ping6-silent-no-reply",
    points=2,
    reference="RFC 4443 §3.1",
    hint="Not everything that comes back is a reply: type 129 is an echo reply, types below 128 are errors.",
)
def test_unreachable_is_no_reply(unreachable: Evidence, answered: Evidence, silent: Evidence) -> None:
    """When the answer is destination unreachable, type 1, the program does not report an echo reply."""
    claim = claimed_reply(unreachable.output, answered.output, silent.output)
    assert not claim, f"to a message of type 1 it says {claim!r}, as it does when a reply comes"


@ping.must(
    "ping6-speaks-of-privilege",
    reference="capabilities(7)",
    hint="Without it sending fails with an error of its own, EPERM: say what is missing.",
)
def test_speaks_of_privilege(without_privilege: Evidence, answered: Evidence, silent: Evidence) -> None:
    """Without CAP_NET_RAW the program says what is missing, where it cannot do without."""
    output = without_privilege.output
    spoken = speaks_of_privilege(output) or told_of_failure(output, answered.output, silent.output)
    assert messages_of(without_privilege) or spoken, (
        f"it sends nothing and says nothing of it; it {without_privilege.ending}"
    )
