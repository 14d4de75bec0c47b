"""A port scanner that finds exactly the open ports (RFC 9293).

`scan HOST FIRST LAST` tries every TCP port from FIRST to LAST, and prints a line `PORT open` for each that accepts a
connection, and such a line for no other: not where the host refuses, and not where it says nothing. It ends within
10 s, and leaves no connection open behind it. A whole handshake will do, or half of one that is taken back by RST.
"""

from __future__ import annotations

import re

import pytest

from pytest_netlab import Evidence, Exercise, HandshakePeer, Packets, Stage

HOST = "10.77.0.81"
FIRST, LAST = 8000, 8015
OPEN = {8000, 8003, 8011, 8015}
SILENT = {8005, 8006}

exercise = Exercise("scan", "A port scanner")
program = exercise.program("scan", ground="scan-probes")


@program.scenario(loopback=False, net_raw=True, kernel_resets=False)
def some_open(stage: Stage) -> None:
    """Of sixteen ports four are open, two are silent, and the others refuse."""
    for port in OPEN:
        stage.use(HandshakePeer(stage.internet, "open", HOST, port))
    for port in SILENT:
        stage.use(HandshakePeer(stage.internet, "silent", HOST, port))
    stage.start(HOST, str(FIRST), str(LAST))
    stage.await_end(limit_s=10)


@program.scenario(loopback=False, net_raw=True, kernel_resets=False)
def none_open(stage: Stage) -> None:
    """Eight ports, all of which refuse."""
    stage.start(HOST, "9000", "9007")
    stage.await_end(limit_s=10)


def reported(evidence: Evidence) -> set[int]:
    """The ports that the program calls open."""
    return {int(port) for port in re.findall(r"(?mi)^\W*(?:port )?(\d+)(?:/tcp)?\W+(?:is )?open\b", evidence.text)}


@pytest.fixture
def syns(some_open: Evidence) -> Packets:
    """The segments by which it asks for a connection."""
    return some_open.outbound.tcp.where(lambda each: each.tcp.syn and not each.tcp.ack_flag, "with SYN")


@pytest.fixture
def tried(syns: Packets) -> set[int]:
    """The ports of the host that they go to."""
    return {int(each.tcp.dst_port) for each in syns if each.ip.destination == HOST}


@program.must("scan-probes", reference="RFC 9293 §3.5", hint="connect_ex(), or a SYN of your own.")
def test_probes(tried: set[int], some_open: Evidence) -> None:
    """The program sends a SYN to the host."""
    assert tried, f"no SYN to {HOST}; on the wire: {some_open.outbound.overview}; it {some_open.ending}"


@program.must("scan-ends", reference="The exercise", hint="Where nobody says anything, connect() waits for minutes.")
def test_ends(some_open: Evidence) -> None:
    """The program ends by itself within 10 s, although two ports are silent."""
    assert some_open.ending.by_itself, f"it {some_open.ending}"


@program.must("scan-whole-range", builds_on="scan-ends", reference="The exercise", hint="range() leaves out its end.")
def test_whole_range(tried: set[int]) -> None:
    """Every port of the range is tried, the first and the last one as well."""
    missing = set(range(FIRST, LAST + 1)) - tried
    assert not missing, f"never tried: {sorted(missing)}"


@program.must("scan-only-range", reference="The exercise", hint="Scanning what nobody asked for can be an offence.")
def test_only_range(syns: Packets) -> None:
    """Nothing else is tried: no other port, and no other host."""
    beside = syns.where(lambda each: each.ip.destination != HOST or not FIRST <= each.tcp.dst_port <= LAST, "elsewhere")
    assert not beside, f"{beside.overview}"


@program.must(
    "scan-finds-open",
    points=2,
    builds_on="scan-whole-range",
    reference="RFC 9293 §3.10.7.3",
    hint="SYN, ACK: it is open, whether it says something afterwards or not.",
)
def test_finds_open(some_open: Evidence) -> None:
    """Every open port is reported."""
    missing = OPEN - reported(some_open)
    assert not missing, f"not reported: {sorted(missing)}; it prints {some_open.text!r}"


@program.must(
    "scan-refused",
    builds_on="scan-whole-range",
    reference="RFC 9293 §3.10.7.1",
    hint="RST is an answer too; errno tells it from success: ECONNREFUSED.",
)
def test_refused(some_open: Evidence) -> None:
    """No port that refuses is reported."""
    wrong = reported(some_open) - OPEN - SILENT
    assert not wrong, f"they answer with RST: {sorted(wrong)}"


@program.must(
    "scan-silent",
    builds_on="scan-whole-range",
    reference="RFC 9293 §3.10.7.4",
    hint="That time is up is no answer at all.",
)
def test_silent(some_open: Evidence) -> None:
    """No port that is silent is reported."""
    wrong = reported(some_open) & SILENT
    assert not wrong, f"they say nothing: {sorted(wrong)}"


@program.must(
    "scan-none-open", builds_on="scan-refused", reference="The exercise", hint="Is something left from the last scan?"
)
def test_none_open(none_open: Evidence) -> None:
    """Where no port is open, none is reported."""
    assert not reported(none_open)


@program.must(
    "scan-cleans-up",
    points=2,
    builds_on="scan-whole-range",
    reference="RFC 9293 §3.6",
    hint="A SYN, ACK that stays without an answer leaves the server waiting: send RST, or close the connection.",
)
def test_cleans_up(some_open: Evidence) -> None:
    """Nothing is left half open: to each open port goes a FIN or a RST."""
    ended = some_open.outbound.tcp.where(lambda each: each.tcp.fin or each.tcp.rst)
    left = OPEN - {int(each.tcp.dst_port) for each in ended}
    assert not left, f"neither FIN nor RST goes to {sorted(left)}"


@program.should(
    "scan-gentle", builds_on="scan-whole-range", reference="RFC 9293 §3.8.1", hint="Do not knock again at once."
)
def test_gentle(syns: Packets) -> None:
    """No port is tried more than four times."""
    most = max(map([int(each.tcp.dst_port) for each in syns].count, range(FIRST, LAST + 1)))
    assert most <= 4
