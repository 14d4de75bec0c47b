"""Exercise 2.3: counting what goes by.

The program sniffs for a minute and counts IP packets by class: HTTP, DNS, ICMP, TCP, UDP, Other IP; the first that
fits counts. It shows the counts live, and once more at the end. What it shows last is set against the recording.
"""

from __future__ import annotations

import pytest

from pytest_netlab import Counting, Evidence, Exercise, Stage, Tally, speaks_of_privilege

exercise = Exercise("2.3", "Counting what goes by")
counter = exercise.program("packet_counter", ground="counter-listens")


@counter.scenario(loopback=False, net_raw=True)
def known_mix(stage: Stage) -> None:
    """Once it counts, the other host sends packets of each class; then somebody presses Ctrl-C."""
    stage.start(terminal="xterm")
    stage.await_sniffer()
    counting = Counting(stage)
    counting.warm_up()
    counting.send_mix()
    counting.await_agreement()
    counting.end(limit_s=75)


@counter.scenario(loopback=False)
def without_privilege(stage: Stage) -> None:
    """The same without CAP_NET_RAW."""
    stage.start()
    stage.program.wait_output(speaks_of_privilege, timeout_s=15)


@pytest.fixture
def tally(known_mix: Evidence) -> Tally:
    """The last counts shown, and what they should be."""
    return Tally.of(known_mix)


@counter.must(
    "counter-listens",
    reference="packet(7)",
    hint="What others send to others comes from a sniffer, such as Scapy's sniff(), not from a socket of your own.",
)
def test_listens(known_mix: Evidence) -> None:
    """The program listens to what passes: within 15 s it has a packet socket."""
    assert known_mix.warm_up["most"] > 0, "no packet was sent to it"


@counter.must(
    "counter-counts",
    reference="Exercise 2.3",
    hint="Which number is raised by one, and is it a number? An exception in a callback may end the sniffing quietly.",
)
def test_counts(tally: Tally, known_mix: Evidence) -> None:
    """The counts rise when packets pass."""
    assert tally.total > 0, f"{len(tally.passed)} frames passed and no count is above 0; it {known_mix.ending}"


@counter.must(
    "counter-shows-all",
    builds_on="counter-counts",
    reference="Exercise 2.3",
    hint="Show all six names, each with its number, in whatever layout.",
)
def test_shows_all(tally: Tally) -> None:
    """All six counts are shown: HTTP, DNS, ICMP, TCP, UDP and Other IP."""
    assert not tally.missing, f"no number beside {', '.join(tally.missing)}"


@counter.must(
    "counter-live",
    builds_on="counter-counts",
    reference="Exercise 2.3",
    hint="Somebody watches meanwhile. What is written without a line end stays in a buffer until it is flushed.",
)
def test_live(known_mix: Evidence) -> None:
    """The counts are shown live: they rise while the program runs, before its end."""
    assert any(known_mix.live.values()), "until Ctrl-C was pressed, no count above 0 was shown"


@counter.must(
    "counter-keeps-counting",
    builds_on="counter-counts",
    reference="Exercise 2.3",
    hint="A minute of traffic has no fixed number of packets, and no single packet is the last one.",
)
def test_keeps_counting(tally: Tally, known_mix: Evidence) -> None:
    """It goes on counting until its minute is over or Ctrl-C is pressed."""
    told = f"it {known_mix.ending} after {known_mix.ending.after_s:.0f} s, at {tally.total} packets"
    assert known_mix.running, f"{told} of {len(tally.passed)}, before anybody pressed Ctrl-C"


@counter.must(
    "counter-both-directions",
    builds_on="counter-keeps-counting",
    reference="packet(7), sll_pkttype",
    hint="The kernel answers for you: echo replies, resets. They pass, too.",
)
def test_both_directions(tally: Tally) -> None:
    """What this host sends is counted as well as what it receives."""
    assert not tally.one_direction, (
        f"of {len(tally.passed)} frames it counted those alone that were {tally.one_direction}"
    )


@counter.must(
    "counter-http",
    builds_on="counter-both-directions",
    points=2,
    reference="RFC 9112 §2.1",
    hint="A SYN to port 80 is no HTTP yet: look for the start of a message. And which ports are asked for?",
)
def test_http(tally: Tally) -> None:
    """TCP packets of ports 80 and 8080 in which an HTTP request (or response) begins count as HTTP."""
    assert not tally.fault("HTTP"), tally.fault("HTTP")


@counter.must(
    "counter-dns",
    builds_on="counter-both-directions",
    reference="RFC 1035 §4.2",
    hint="DNS runs over UDP and over TCP; there, a message stands behind two bytes of length.",
)
def test_dns(tally: Tally) -> None:
    """DNS messages of port 53 count as DNS, over UDP and over TCP."""
    assert not tally.fault("DNS"), tally.fault("DNS")


@counter.must(
    "counter-icmp",
    builds_on="counter-both-directions",
    reference="RFC 792",
    hint="An ICMP error carries the head of the packet that caused it. Which header comes first?",
)
def test_icmp(tally: Tally) -> None:
    """ICMP counts as ICMP, also where it quotes a UDP packet."""
    assert not tally.fault("ICMP"), tally.fault("ICMP")


@counter.must(
    "counter-tcp",
    builds_on="counter-both-directions",
    reference="RFC 9293 §3.1",
    hint="Each packet belongs to one class, the first that fits: elif, not if.",
)
def test_tcp(tally: Tally) -> None:
    """TCP that no class before it took counts as TCP, once."""
    assert not tally.fault("TCP"), tally.fault("TCP")


@counter.must(
    "counter-udp",
    builds_on="counter-both-directions",
    reference="RFC 768",
    hint="Each packet belongs to one class, the first that fits: elif, not if.",
)
def test_udp(tally: Tally) -> None:
    """UDP that no class before it took counts as UDP, once."""
    assert not tally.fault("UDP"), tally.fault("UDP")


@counter.must(
    "counter-other",
    builds_on="counter-both-directions",
    reference="RFC 791 §3.1; RFC 826",
    hint="What is left when no class fits? Look at the EtherType first, then at the protocol number.",
)
def test_other(tally: Tally) -> None:
    """Any other IP protocol counts as Other IP; ARP is no IP and does not count."""
    assert not tally.fault("Other IP"), tally.fault("Other IP")


@counter.must(
    "counter-ends",
    reference="Exercise 2.3",
    hint="A minute is asked for: what happens behind it?",
)
def test_ends(known_mix: Evidence) -> None:
    """It ends when Ctrl-C is pressed, or when its minute is over: within 75 s."""
    assert known_mix.ending.by_itself, f"after 75 s, with Ctrl-C pressed, it {known_mix.ending}"


@counter.should(
    "counter-final",
    builds_on=("counter-keeps-counting", "counter-ends"),
    reference="Exercise 2.3",
    hint="Ctrl-C is a way to end like any other: in Python it is a KeyboardInterrupt, which can be caught.",
)
def test_final(known_mix: Evidence) -> None:
    """The counts are shown once more at the end, also where Ctrl-C (SIGINT) ends it."""
    assert any(known_mix.final.values()), f"behind Ctrl-C no counts were shown; it {known_mix.ending}"


@counter.must(
    "counter-speaks-of-privilege",
    builds_on="counter-listens",
    reference="capabilities(7)",
    hint="Opening the sniffer fails with an error of its own, EPERM: say what is missing before you end.",
)
def test_speaks_of_privilege(without_privilege: Evidence) -> None:
    """Without CAP_NET_RAW the program says that a permission or a privilege is missing."""
    spoken = speaks_of_privilege(without_privilege.output)
    assert spoken, f"its output speaks of neither; it {without_privilege.ending}"
