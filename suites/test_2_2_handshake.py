"""Exercise 2.2: the three-way handshake by hand.

The program crafts a SYN to port 80 of scanme.nmap.org, reads the SYN-ACK and crafts the ACK. The proof is on the
other side: the server's accept() returns the connection. The student's kernel, which knows nothing of it, would
reset it; here its resets are kept back, and only its own. Data or a FIN behind a good handshake cost nothing.
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
    claimed_connection,
    speaks_of_privilege,
    told_of_failure,
)

SERVER = "10.77.0.81"
PORT = 80

exercise = Exercise("2.2", "The three-way handshake by hand")
program = exercise.program("manual_handshake", ground="handshake-syn")


@program.scenario(loopback=False, net_raw=True, kernel_resets=False)
def open_port(stage: Stage) -> None:
    """A server listens, and accepts who completes the handshake."""
    server = stage.handshake_peer("open")
    stage.start()
    stage.await_end(limit_s=20)
    server.wait_for_connection(0.5)
    stage.note(accepted=[port for _, port in server.accepted])


@program.scenario(loopback=False, net_raw=True, kernel_resets=False)
def closed_port(stage: Stage) -> None:
    """Nobody listens: the other kernel answers with RST."""
    stage.handshake_peer("closed")
    stage.start()
    stage.await_end(limit_s=20)


@program.scenario(loopback=False, net_raw=True, kernel_resets=False)
def silent_port(stage: Stage) -> None:
    """Nothing answers."""
    stage.handshake_peer("silent")
    stage.start()
    stage.await_end(limit_s=20)


@program.scenario(loopback=False, kernel_resets=False)
def without_privilege(stage: Stage) -> None:
    """A server listens; the program has no CAP_NET_RAW."""
    stage.handshake_peer("open")
    stage.start()
    stage.await_end(limit_s=20)


@pytest.fixture
def sent(open_port: Evidence) -> Packets:
    """The segments that the program sends to the server."""
    return open_port.outbound.tcp.where(
        lambda each: each.ip.destination == SERVER and each.tcp.dst_port == PORT, f"to port {PORT} of {SERVER}"
    )


@pytest.fixture
def syn(sent: Packets, open_port: Evidence) -> Packet:
    """The SYN of the connection that was accepted, or the first one."""
    syns = sent.where(lambda each: each.tcp.syn and not each.tcp.ack_flag, "with SYN")
    return (syns.where(lambda each: each.tcp.src_port in open_port.accepted) or syns).first


@pytest.fixture
def syn_ack(open_port: Evidence, syn: Packet) -> Packet:
    """The server's answer to it."""
    return open_port.inbound.tcp.where(
        lambda each: each.tcp.flags == "SA" and each.ip.source == SERVER and each.tcp.dst_port == syn.tcp.src_port,
        f"from port {PORT} of {SERVER} with SYN and ACK",
    ).first


@pytest.fixture
def behind(sent: Packets, syn: Packet, syn_ack: Packet) -> Packets:
    """What the program sends behind the SYN-ACK: from the SYN's port, or where that is silent, from any other."""
    later = sent.where(lambda each: each.number > syn_ack.number and (each.tcp.ack_flag or not each.tcp.syn))
    return later.where(lambda each: each.tcp.src_port == syn.tcp.src_port) or later


@pytest.fixture
def ack(behind: Packets) -> Packet:
    """The first segment behind the SYN-ACK."""
    return behind.first


@pytest.fixture
def fate(open_port: Evidence) -> str:
    """What became of it on the server's side."""
    resets = open_port.inbound.tcp.where(lambda each: each.tcp.rst and each.ip.source == SERVER)
    answered = f"the server sent RST in frame {resets[0].number}, and " if resets else ""
    return f"{answered}its accept() {'returned' if open_port.accepted else 'never returned'}"


@pytest.fixture
def success(open_port: Evidence) -> bytes:
    """What the program prints when it has connected; nothing where it never did."""
    return open_port.output if open_port.accepted else b""


@program.must(
    "handshake-syn",
    reference="RFC 9293 §3.5",
    hint="The first segment has the flag S alone. To which address and port does it go?",
)
def test_syn(syn: Packet) -> None:
    """A SYN of this host, 10.77.0.2, goes to port 80 of scanme.nmap.org, 10.77.0.81."""
    assert syn.tcp.flags in ("S", "SEC")
    assert syn.ip.source == "10.77.0.2"


@program.must("handshake-ends", reference="Exercise 2.2", hint="Three segments, and the program is done.")
def test_ends(open_port: Evidence) -> None:
    """The program ends by itself within 20 s."""
    assert open_port.ending.by_itself, f"it {open_port.ending}"


@program.must(
    "handshake-checksums",
    reference="RFC 9293 §3.1, Checksum; RFC 1071",
    hint="The TCP checksum covers a pseudo header of both addresses, protocol 6 and the length, then header and data.",
)
def test_checksums(sent: Packets) -> None:
    """The IP and TCP checksums of SYN and ACK are correct."""
    shaking = sent.where(lambda each: each.tcp.syn or not (each.payload or each.tcp.fin))
    bad = shaking.where(lambda each: Checksum.BAD in (each.ipv4.checksum_state, each.tcp.checksum_state))
    judged = (bad or sent).first
    assert judged.tcp.checksum_state is not Checksum.BAD
    assert judged.ipv4.checksum_state is not Checksum.BAD


@program.must(
    "handshake-ack",
    builds_on="handshake-checksums",
    reference="RFC 9293 §3.5",
    hint="The third segment has the flag A, and S no longer.",
)
def test_ack(behind: Packets, syn_ack: Packet) -> None:
    """An ACK answers the SYN-ACK, with neither SYN nor RST in it."""
    assert behind, f"nothing leaves the program behind the SYN-ACK in frame {syn_ack.number}"
    assert behind[0].tcp.flags in ("PA", "FA", "FPA") or behind[0].tcp.flags == "A"


@program.must(
    "handshake-one-port",
    builds_on="handshake-ack",
    points=2,
    reference="RFC 9293 §3.3.1, §3.5",
    hint="Choose the source port once, for both segments. RandShort() is a new number each time it is read; "
    "int(RandShort()) is one number.",
)
def test_one_port(ack: Packet, syn: Packet, fate: str) -> None:
    """SYN and ACK leave from the same port."""
    assert ack.tcp.src_port == syn.tcp.src_port, fate


@program.must(
    "handshake-ack-sequence",
    builds_on="handshake-one-port",
    reference="RFC 9293 §3.4",
    hint="The SYN takes one place in the sequence, so the ACK's number is the next one: what the SYN-ACK acknowledges.",
)
def test_ack_sequence(ack: Packet, syn: Packet, fate: str) -> None:
    """The ACK's sequence number is the SYN's plus one."""
    assert ack.tcp.seq == (syn.tcp.seq + 1) % 2**32, fate


@program.must(
    "handshake-ack-number",
    builds_on="handshake-one-port",
    reference="RFC 9293 §3.4",
    hint="It names what is expected next of the server, whose SYN takes one place, too.",
)
def test_ack_number(ack: Packet, syn_ack: Packet, fate: str) -> None:
    """The ACK's acknowledgment number is the SYN-ACK's sequence number plus one."""
    assert ack.tcp.ack == (syn_ack.tcp.seq + 1) % 2**32, fate


@program.must(
    "handshake-no-payload",
    builds_on="handshake-ack",
    reference="RFC 9293 §3.5",
    hint="The handshake is headers alone. Data comes behind it, in a segment of its own.",
)
def test_no_payload(syn: Packet, ack: Packet) -> None:
    """SYN and ACK carry no data."""
    assert syn.payload == b""
    assert ack.payload == b""


@program.must(
    "handshake-no-reset",
    builds_on="handshake-ack",
    reference="RFC 9293 §3.5.2",
    hint="A reset throws the connection away: end it with FIN, or leave it.",
)
def test_no_reset(open_port: Evidence) -> None:
    """No RST leaves the program, not even behind the ACK."""
    resets = open_port.outbound.tcp.where(lambda each: each.tcp.rst)
    assert resets == [], "the program itself sent it: the kernel's own resets are kept back here"


@program.must(
    "handshake-accepted",
    builds_on=("handshake-ack-sequence", "handshake-ack-number"),
    points=3,
    reference="RFC 9293 §3.5",
    hint="All three segments look right: what else keeps the last one from the server's TCP? Look below the IP header.",
)
def test_accepted(syn: Packet, open_port: Evidence, fate: str) -> None:
    """The server's accept() returns this connection."""
    returned = syn.tcp.src_port in open_port.accepted
    assert returned, f"all three segments passed between ports {syn.tcp.src_port} and {PORT}, and yet {fate}"


@program.must(
    "handshake-closed-no-ack",
    reference="RFC 9293 §3.5.2",
    hint="A RST is an answer, but no SYN-ACK: look at the flags of what came back.",
)
def test_closed_no_ack(closed_port: Evidence) -> None:
    """When the port is closed, and the answer is RST, no ACK is sent."""
    acks = closed_port.outbound.tcp.where(lambda each: each.tcp.ack_flag and not each.tcp.rst)
    assert acks == [], "and there was no SYN-ACK to acknowledge"


@program.must(
    "handshake-closed-ends",
    builds_on="handshake-ends",
    reference="Exercise 2.2",
    hint="It waits for a SYN-ACK that will not come: a RST says so, and so does a timeout.",
)
def test_closed_ends(closed_port: Evidence) -> None:
    """When the port is closed, the program ends by itself within 20 s."""
    assert closed_port.ending.by_itself, f"it {closed_port.ending}"


@program.must(
    "handshake-closed-reports",
    builds_on=("handshake-ack", "handshake-closed-no-ack", "handshake-closed-ends"),
    reference="Exercise 2.2",
    hint="What the program says at the end has to depend on what came back.",
)
def test_closed_reports(closed_port: Evidence, open_port: Evidence, silent_port: Evidence, success: bytes) -> None:
    """When the port is closed, and the answer is RST, the program reports failure."""
    told_apart = closed_port.ending.status != open_port.ending.status
    claim = claimed_connection(closed_port.output, success, silent_port.output, told_apart=told_apart)
    assert not claim, f"refused, it says {claim!r}, as it does when it has connected"
    said = told_of_failure(closed_port.output, success)
    assert said or told_apart, "it says nothing of it, nor does its exit status"


@program.must(
    "handshake-silent-no-ack",
    reference="RFC 9293 §3.5",
    hint="Without a SYN-ACK there is no number to acknowledge.",
)
def test_silent_no_ack(silent_port: Evidence) -> None:
    """When nothing answers, no ACK is sent."""
    acks = silent_port.outbound.tcp.where(lambda each: each.tcp.ack_flag and not each.tcp.rst)
    assert acks == [], "and there was no SYN-ACK to acknowledge"


@program.must(
    "handshake-silent-ends",
    builds_on="handshake-closed-ends",
    reference="Exercise 2.2",
    hint="sr1(packet) waits for ever, sr1(packet, timeout=2) does not.",
)
def test_silent_ends(silent_port: Evidence) -> None:
    """When nothing answers, the program ends by itself within 20 s."""
    assert silent_port.ending.by_itself, f"it {silent_port.ending}"


@program.must(
    "handshake-silent-reports",
    builds_on=("handshake-silent-no-ack", "handshake-silent-ends", "handshake-closed-reports"),
    reference="Exercise 2.2",
    hint="sr1() returns None when the time is up: that is no success.",
)
def test_silent_reports(silent_port: Evidence, open_port: Evidence, closed_port: Evidence, success: bytes) -> None:
    """When nothing answers, the program reports failure."""
    told_apart = silent_port.ending.status != open_port.ending.status
    claim = claimed_connection(silent_port.output, success, closed_port.output, told_apart=told_apart)
    assert not claim, f"nothing came, and it says {claim!r}, as it does when it has connected"
    said = told_of_failure(silent_port.output, success)
    assert said or told_apart, "it says nothing of it, nor does its exit status"


@program.must(
    "handshake-by-hand",
    points=2,
    reference="raw(7); capabilities(7)",
    hint="connect() lets the kernel do all the work, whoever you are. Raw segments need the privilege.",
)
def test_by_hand(without_privilege: Evidence) -> None:
    """The handshake is made by hand: without CAP_NET_RAW no segment leaves."""
    assert without_privilege.outbound.tcp == [], "so the kernel made it"


@program.must(
    "handshake-speaks-of-privilege",
    builds_on="handshake-by-hand",
    reference="capabilities(7)",
    hint="Opening a raw socket fails with an error of its own, EPERM: say what is missing.",
)
def test_speaks_of_privilege(without_privilege: Evidence, open_port: Evidence, silent_port: Evidence) -> None:
    """Without CAP_NET_RAW the program says what is missing."""
    output = without_privilege.output
    spoken = speaks_of_privilege(output) or told_of_failure(output, open_port.output, silent_port.output)
    assert spoken, f"it says nothing of it; it {without_privilege.ending}"
