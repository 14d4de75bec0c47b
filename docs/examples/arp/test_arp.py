"""An ARP request by hand (RFC 826).

`arp_request ADDRESS` asks on eth0 who has an IPv4 address, waits a second or two for the answer, prints the hardware
address that it tells, and ends. When nobody answers it says so, and prints no hardware address.
"""

from __future__ import annotations

import re

import pytest

from pytest_netlab import Evidence, Exercise, FramePeer, Packet, Packets, Stage, arp_reply, shows, told_of_failure

ADDRESS = "10.77.0.77"
MAC = "02:5e:c3:11:9a:77"
OTHER_MAC = "02:d0:d0:d0:d0:78"
ARP = 0x0806

exercise = Exercise("arp", "An ARP request by hand")
program = exercise.program("arp_request", ground="arp-asks")


def asks_for(heard: Packet, address: str) -> bool:
    """Whether this is ARP that wants `address`, however the rest of it looks."""
    return heard.arp is not None and heard.arp.target_protocol == address


@program.scenario(loopback=False, net_raw=True)
def answered(stage: Stage) -> None:
    """10.77.0.77 answers."""
    stage.use(FramePeer(stage.internet, lambda heard: [arp_reply(heard, MAC)] if asks_for(heard, ADDRESS) else []))
    stage.start(ADDRESS)
    stage.await_end(limit_s=6)


@program.scenario(loopback=False, net_raw=True)
def others_first(stage: Stage) -> None:
    """Before 10.77.0.99 answers, a reply comes about 10.77.0.78."""

    def answers(heard: Packet) -> list[bytes]:
        if not asks_for(heard, "10.77.0.99"):
            return []
        return [arp_reply(heard, OTHER_MAC, address="10.77.0.78"), arp_reply(heard, MAC)]

    stage.use(FramePeer(stage.internet, answers))
    stage.start("10.77.0.99")
    stage.await_end(limit_s=6)


@program.scenario(loopback=False, net_raw=True)
def silent(stage: Stage) -> None:
    """Nobody has the address."""
    stage.start(ADDRESS)
    stage.await_end(limit_s=6)


@pytest.fixture
def sent(answered: Evidence) -> Packets:
    """The frames of EtherType ARP that the program sends."""
    return answered.outbound.where(lambda each: each.ethernet and each.ethernet.ethertype == ARP, "of EtherType 0x0806")


@pytest.fixture
def request_frame(sent: Packets) -> Packet:
    """The first of them."""
    return sent.first


@program.must("arp-asks", reference="RFC 826", hint="socket(AF_PACKET, SOCK_RAW), bound to eth0; EtherType 0x0806.")
def test_asks(sent: Packets, answered: Evidence) -> None:
    """The program sends a frame of EtherType 0x0806 on eth0."""
    assert sent, f"no ARP; on the wire: {answered.outbound.overview}; it {answered.ending}"


@program.must(
    "arp-about-ipv4",
    reference="RFC 826, Packet format",
    hint="Hardware type 1, protocol type 0x0800, and how long an address of each kind is.",
)
def test_about_ipv4(request_frame: Packet) -> None:
    """It is about IPv4 over Ethernet: hardware type 1, protocol type 0x0800, lengths 6 and 4."""
    assert request_frame.error is None
    assert request_frame.arp is not None


@program.must("arp-operation", builds_on="arp-about-ipv4", reference="RFC 826", hint="1 asks, 2 answers.")
def test_operation(request_frame: Packet) -> None:
    """The operation is 1, a request."""
    assert request_frame.arp.operation == 1


@program.must(
    "arp-broadcast", reference="RFC 826, Packet Generation", hint="Whom do you ask when you do not know who has it?"
)
def test_broadcast(request_frame: Packet) -> None:
    """The frame goes to everybody: ff:ff:ff:ff:ff:ff."""
    assert request_frame.ethernet.destination == "ff:ff:ff:ff:ff:ff"


@program.must("arp-from", reference="RFC 894", hint="getsockname() of the bound socket tells it, and SIOCGIFHWADDR.")
def test_from(request_frame: Packet) -> None:
    """The frame's source is the hardware address of eth0."""
    assert request_frame.ethernet.source == "02:00:0a:4d:00:02"


@program.must(
    "arp-sender",
    builds_on="arp-about-ipv4",
    reference="RFC 826, Packet format",
    hint="The answer goes to the sender's addresses. The sender is you.",
)
def test_sender(request_frame: Packet) -> None:
    """The sender's addresses are this host's own, hardware and protocol."""
    assert request_frame.arp.sender_hardware == "02:00:0a:4d:00:02"
    assert request_frame.arp.sender_protocol == "10.77.0.2"


@program.must("arp-target", builds_on="arp-about-ipv4", reference="RFC 826", hint="The last four bytes, and argv[1].")
def test_target(request_frame: Packet, others_first: Evidence) -> None:
    """The target's protocol address is the one on the command line."""
    assert request_frame.arp.target_protocol == ADDRESS
    assert others_first.outbound.arp.first.arp.target_protocol == "10.77.0.99"


@program.should(
    "arp-target-hardware",
    builds_on="arp-about-ipv4",
    reference="RFC 5227 §2.1.1",
    hint="It is what you want to know: leave it zero.",
)
def test_target_hardware(request_frame: Packet) -> None:
    """The target's hardware address, which nobody knows yet, is zero."""
    assert request_frame.arp.target_hardware == "00:00:00:00:00:00"


@program.must(
    "arp-prints",
    points=2,
    builds_on=("arp-operation", "arp-sender", "arp-target"),
    reference="RFC 826, Packet Reception",
    hint="In the reply the sender is the one that you asked for: bytes 8 to 13 of the ARP packet.",
)
def test_prints(answered: Evidence) -> None:
    """The hardware address of the reply is printed."""
    assert shows(answered.output, bytes.fromhex(MAC.replace(":", ""))), f"not {MAC}: it prints {answered.text!r}"


@program.must(
    "arp-whose",
    builds_on="arp-prints",
    reference="RFC 826, Packet Reception",
    hint="Not every reply is for you to believe: compare its sender's protocol address with what you asked for.",
)
def test_whose(others_first: Evidence) -> None:
    """A reply about another address is not taken for the answer; the right one is, when it comes."""
    assert not shows(others_first.output, bytes.fromhex(OTHER_MAC.replace(":", ""))), "it takes 10.77.0.78's reply"
    assert shows(others_first.output, bytes.fromhex(MAC.replace(":", ""))), f"it prints {others_first.text!r}"


@program.must("arp-ends", builds_on="arp-prints", reference="The exercise", hint="settimeout(), poll(), alarm().")
def test_ends(silent: Evidence) -> None:
    """When nobody answers, the program ends by itself within 6 s."""
    assert silent.ending.by_itself, f"it {silent.ending}"


@program.must("arp-silence", builds_on="arp-ends", reference="The exercise", hint="What does it say without a reply?")
def test_silence(silent: Evidence, answered: Evidence) -> None:
    """When nobody answers, the program says so, and prints no hardware address but its own."""
    shown = set(re.findall(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", silent.text.lower()))
    assert shown <= {"02:00:0a:4d:00:02", "ff:ff:ff:ff:ff:ff"}
    assert told_of_failure(silent.output, answered.output), f"nothing came, and it prints {silent.text!r}"
