"""A traceroute: who is on the way (RFC 792, RFC 1812).

`trace ADDRESS` sends probes (UDP datagrams or ICMP echo requests) with the times to live 1, 2, 3, ... and prints one
line a hop: its number, and the address that answered, or `*` where nobody does within a second. It ends at the hop
where the destination itself answers. The way is four routers long; the grader plays them all.
"""

from __future__ import annotations

import re

import pytest

from pytest_netlab import (
    Checksum,
    Evidence,
    Exercise,
    FramePeer,
    Packet,
    Packets,
    Stage,
    echo_reply,
    time_exceeded,
    unreachable,
)

TARGET = "203.0.113.9"
ROUTERS = ["10.77.0.1", "192.0.2.1", "192.0.2.130", "198.51.100.1"]
STRANGER = "192.0.2.66"

exercise = Exercise("traceroute", "Who is on the way")
program = exercise.program("trace", ground="trace-sends")


def answer(heard: Packet, silent_hop: int = 0) -> list[bytes]:
    """What a probe brings back: from the router where it ends, or from the destination behind them all."""
    if heard.ip is None or heard.ip.destination != TARGET or heard.ip.ttl == silent_hop:
        return []
    if heard.ip.ttl <= len(ROUTERS):
        return [time_exceeded(heard, ROUTERS[heard.ip.ttl - 1])]
    if heard.icmp is not None:
        return [echo_reply(heard)] if heard.icmp.type == 8 else []
    return [unreachable(heard)]


def for_somebody_else(heard: Packet) -> bytes:
    """A time exceeded message about a packet to 198.51.100.200 that nobody here has sent."""
    theirs = bytearray(heard.ip.octets("packet", 0, heard.ip.end - heard.ip.offset))
    theirs[16:28] = bytes([198, 51, 100, 200]) + bytes.fromhex("9c40 82ff 0010 0000")
    return time_exceeded(heard, STRANGER, quoted=bytes(theirs))


@program.scenario(loopback=False, net_raw=True)
def all_answer(stage: Stage) -> None:
    """All four routers answer, and the destination behind them."""
    stage.use(FramePeer(stage.internet, answer))
    stage.start(TARGET)
    stage.await_end(limit_s=15)


@program.scenario(loopback=False, net_raw=True)
def third_is_silent(stage: Stage) -> None:
    """The third router says nothing."""
    stage.use(FramePeer(stage.internet, lambda heard: answer(heard, silent_hop=3)))
    stage.start(TARGET)
    stage.await_end(limit_s=25)


@program.scenario(loopback=False, net_raw=True)
def others_trace_too(stage: Stage) -> None:
    """Before each answer comes one for somebody else's packet."""

    def both(heard: Packet) -> list[bytes]:
        right = answer(heard)
        return [for_somebody_else(heard), *right] if right else []

    stage.use(FramePeer(stage.internet, both))
    stage.start(TARGET)
    stage.await_end(limit_s=15)


def hops(evidence: Evidence) -> dict[int, str]:
    """Of each line that begins with a hop's number: the first address in it, or `*`."""
    lines = re.findall(r"(?m)^\s*(\d+)\b[^\n]*?(\d+\.\d+\.\d+\.\d+|\*)", evidence.text)
    return {int(number): shown for number, shown in reversed(lines)}


@pytest.fixture
def probes(all_answer: Evidence) -> Packets:
    """The probes of the run in which all answer."""
    return all_answer.outbound.where(lambda each: each.ip and each.ip.destination == TARGET, f"to {TARGET}")


@pytest.fixture
def times_to_live(probes: Packets) -> list[int]:
    """Their times to live, each once, in the order in which they first left."""
    return list(dict.fromkeys(int(each.ip.ttl) for each in probes))


@program.must("trace-sends", reference="RFC 792", hint="setsockopt(IPPROTO_IP, IP_TTL, 1), and sendto() ADDRESS.")
def test_sends(probes: Packets, all_answer: Evidence) -> None:
    """The program sends a packet to the destination."""
    assert probes, f"nothing goes to {TARGET}; on the wire: {all_answer.outbound.overview}; it {all_answer.ending}"


@program.must("trace-kind", reference="RFC 792; RFC 768", hint="Who answers to what? ICMP type 8, or UDP.")
def test_kind(probes: Packets) -> None:
    """Each probe is a UDP datagram or an ICMP echo request."""
    other = probes.where(lambda each: not (each.udp or (each.icmp and each.icmp.type == 8)), "of another kind")
    assert not other, f"{other.overview}"


@program.must(
    "trace-checksum", builds_on="trace-kind", reference="RFC 768; RFC 792; RFC 1071", hint="It covers the data too."
)
def test_checksum(probes: Packets) -> None:
    """The UDP or ICMP checksum of each probe is correct."""
    bad = probes.where(lambda each: (each.udp or each.icmp).checksum_state is Checksum.BAD, "with a bad checksum")
    assert not bad, f"{bad.overview}"


@program.must("trace-begins", reference="RFC 791 §3.2", hint="Which router is it that a time to live of 1 ends at?")
def test_begins(times_to_live: list[int]) -> None:
    """The first probe has a time to live of 1."""
    assert times_to_live[0] == 1


@program.must("trace-counts", reference="RFC 791 §3.2", hint="One more for each hop; setsockopt() in the loop.")
def test_counts(times_to_live: list[int]) -> None:
    """The time to live goes up by one from hop to hop, up to that of the destination."""
    first = times_to_live[0]
    assert times_to_live[: len(ROUTERS) + 2 - first] == list(range(first, len(ROUTERS) + 2))


@program.must(
    "trace-stops", builds_on="trace-counts", reference="RFC 792", hint="Type 3 code 3, or type 0: you are there."
)
def test_stops(times_to_live: list[int], all_answer: Evidence) -> None:
    """Once the destination has answered, the program sends no probe that goes further, and ends."""
    assert max(times_to_live) == len(ROUTERS) + 1
    assert all_answer.ending.by_itself, f"it {all_answer.ending}"


@program.must(
    "trace-routers",
    points=2,
    builds_on=("trace-begins", "trace-counts", "trace-kind", "trace-checksum"),
    reference="RFC 792, Time Exceeded",
    hint="The router is the source of the IP packet that brings the message, not what the message quotes.",
)
def test_routers(all_answer: Evidence) -> None:
    """Each router's address stands on the line of its hop."""
    assert [hops(all_answer).get(number) for number in (1, 2, 3, 4)] == ROUTERS


@program.must(
    "trace-destination",
    builds_on=("trace-routers", "trace-stops"),
    reference="RFC 792",
    hint="The destination is a hop as well, the last one: print it before you leave the loop.",
)
def test_destination(all_answer: Evidence) -> None:
    """The last line is the destination's."""
    assert hops(all_answer).get(5) == TARGET, f"it prints {all_answer.text!r}"
    assert max(hops(all_answer)) == 5


@program.must(
    "trace-goes-on", builds_on="trace-stops", reference="The exercise", hint="A router may be silent. Those behind?"
)
def test_goes_on(third_is_silent: Evidence) -> None:
    """A silent router does not end it: the program goes on until the destination answers."""
    assert third_is_silent.inbound.where(lambda each: each.ip and each.ip.source == TARGET, "from the destination")


@program.must(
    "trace-star",
    builds_on=("trace-goes-on", "trace-routers"),
    reference="The exercise",
    hint="Say that nobody answered, on a line of its own, so that the numbers of those behind stay right.",
)
def test_star(third_is_silent: Evidence) -> None:
    """The silent hop is shown as `*`, and those behind it under their own numbers."""
    shown = hops(third_is_silent)
    assert [shown.get(number) for number in (2, 3, 4)] == [ROUTERS[1], "*", ROUTERS[3]]


@program.must(
    "trace-own",
    points=2,
    builds_on="trace-routers",
    reference="RFC 792, Time Exceeded",
    hint="The message quotes the packet that it is about: is that one of yours? Compare address and ports.",
)
def test_own(others_trace_too: Evidence) -> None:
    """Messages about other programs' packets are not taken for answers."""
    assert STRANGER not in others_trace_too.text
    assert [hops(others_trace_too).get(number) for number in (1, 2, 3, 4)] == ROUTERS
