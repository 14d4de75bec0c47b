"""A peer that hears and answers whole frames, met by ordinary sockets of the student host."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

import pytest

from pytest_netlab import (
    Checksum,
    FramePeer,
    HarnessFault,
    Lab,
    Packet,
    Packets,
    UsageError,
    arp_reply,
    dissect,
    echo_reply,
    time_exceeded,
    unreachable,
)
from pytest_netlab.traffic import craft
from pytest_netlab.traffic.raw import FrameSocket, frame_socket
from pytest_netlab.wire import Frame

FAR = "203.0.113.9"
MAC = "02:5e:c3:11:9a:77"
MARK = craft.ethernet("02:00:00:00:00:aa", craft.BROADCAST_MAC, b"mark".ljust(46), 0x88B5)


def pass_mark(mouth: socket.socket, ear: socket.socket) -> list[Frame]:
    """Send a mark over the cable. Returns what arrived before it; what was sent earlier is then there."""
    mouth.send(MARK)
    frames: list[Frame] = []
    while (frame := ear.recv(2000)) != MARK:
        frames.append(Frame(frame, len(frames) + 1))
    return frames


def brought_back(lab: Lab, sent: bytes, peer: FramePeer) -> Packets:
    """All that comes to the student host when it has sent a frame, whoever answers."""
    student, internet = (frame_socket(host, "eth0", incoming_only=True) for host in (lab.student, lab.internet))
    student.settimeout(10)
    internet.settimeout(10)
    student.send(sent)
    pass_mark(student, internet)
    peer.settle()
    return Packets.of(pass_mark(internet, student))


def datagram(lab: Lab, destination: str, ttl: int = 1) -> bytes:
    data = craft.udp(lab.student.address, destination, 4000, 33434, b"probe")
    packet = craft.ipv4(lab.student.address, destination, socket.IPPROTO_UDP, data, ttl=ttl)
    return craft.ethernet(lab.student.mac, lab.internet.mac, packet)


def connected(lab: Lab, ttl: int) -> socket.socket:
    """A UDP socket that hears of ICMP errors."""
    made = lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(10)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    made.connect((FAR, 33434))
    return made


def test_the_kernel_believes_the_answers(lab: Lab) -> None:
    """An unreachable port of a host that is not there comes to the very socket that asked."""
    with FramePeer(lab.internet, lambda heard: [unreachable(heard)] if heard.udp else []), connected(lab, 7) as asker:
        asker.send(b"who is there?")
        with pytest.raises(ConnectionRefusedError):
            asker.recv(100)


def test_time_exceeded_comes_from_the_router(lab: Lab) -> None:
    with (
        FramePeer(lab.internet, lambda heard: [time_exceeded(heard, "192.0.2.1")] if heard.udp else []),
        lab.student.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as ear,
        connected(lab, 1) as asker,
    ):
        ear.settimeout(10)
        asker.send(b"who is there?")
        packet, (router, _) = ear.recvfrom(2000)
    message = dissect(Frame(packet, link_type=101))
    assert router == "192.0.2.1"
    assert (message.icmp.type, message.icmp.code) == (11, 0)
    assert message.icmp.checksum_state is Checksum.GOOD
    assert message.icmp.quoted.destination == FAR
    quoted_ports = message.icmp.quoted_ports
    assert quoted_ports is not None
    assert quoted_ports[1] == 33434


def test_somebody_elses_packet_can_be_quoted(lab: Lab) -> None:
    theirs = craft.ipv4("10.77.0.2", "198.51.100.200", 17, craft.udp("10.77.0.2", "198.51.100.200", 7, 9, b""))
    heard = dissect(Frame(datagram(lab, FAR)))
    message = dissect(Frame(time_exceeded(heard, "192.0.2.66", quoted=theirs)))
    assert message.icmp.quoted.destination == "198.51.100.200"
    assert message.icmp.quoted_ports == (7, 9)


def test_an_echo_reply_is_what_the_kernel_would_send(lab: Lab) -> None:
    request = craft.icmp(8, 0, struct.pack("!HH", 77, 5), b"octets")
    packet = craft.ipv4(lab.student.address, FAR, socket.IPPROTO_ICMP, request)
    with FramePeer(lab.internet, lambda heard: [echo_reply(heard)] if heard.icmp else []) as peer:
        came = brought_back(lab, craft.ethernet(lab.student.mac, lab.internet.mac, packet), peer)
    reply = came.icmp.only
    assert reply.summary() == f"{FAR} > 10.77.0.2 ICMP echo reply id=77 seq=5"
    assert bytes(reply.icmp.payload) == b"octets"
    assert reply.icmp.checksum_state is Checksum.GOOD
    assert reply.ipv4.checksum_state is Checksum.GOOD


def test_the_kernel_resolves_an_address_that_a_script_plays(lab: Lab) -> None:
    """The student's kernel asks for the neighbour by itself, believes the reply, and sends the datagram there."""
    seen: list[Packet] = []

    def neighbour(heard: Packet) -> list[bytes]:
        seen.append(heard)
        return [arp_reply(heard, MAC)] if heard.arp and heard.arp.target_protocol == "10.77.0.77" else []

    with FramePeer(lab.internet, neighbour) as peer:
        asker = lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
        asker.sendto(b"hello", ("10.77.0.77", 9))
        with FrameSocket(lab.student, incoming_only=False) as ear:
            asker.sendto(b"again", ("10.77.0.77", 9))
            while (frame := ear.receive(10)) is not None and dissect(Frame(frame)).udp is None:
                pass
        peer.settle()
    assert frame is not None
    assert dissect(Frame(frame)).ethernet.destination == MAC
    assert any(each.arp for each in seen)


def test_what_is_for_nobody_in_the_lab_is_not_sent(lab: Lab) -> None:
    """The program under test can make up its sender; that is no fault of the peer."""
    forged = craft.udp(FAR, FAR, 1, 2, b"")
    frame = craft.ethernet(lab.student.mac, lab.internet.mac, craft.ipv4(FAR, FAR, socket.IPPROTO_UDP, forged))
    with FramePeer(lab.internet, lambda heard: [unreachable(heard)] if heard.udp else []) as peer:
        assert not brought_back(lab, frame, peer)
        assert len(peer.unsent) == 1


def test_a_script_that_raises_is_our_fault(lab: Lab) -> None:
    def script(heard: Packet) -> list[bytes]:
        raise ZeroDivisionError

    peer = FramePeer(lab.internet, script)
    with pytest.raises(HarnessFault, match="FramePeer died: ZeroDivisionError"):
        brought_back(lab, datagram(lab, FAR), peer)
    with pytest.raises(HarnessFault):
        peer.close()


def test_an_interface_that_is_not_there(lab: Lab) -> None:
    with pytest.raises(UsageError, match="internet has no interface 'eth7'"):
        FramePeer(lab.internet, lambda heard: [], "eth7")


def test_answers_to_what_cannot_be_answered_so(lab: Lab) -> None:
    arp = dissect(
        Frame(
            craft.ethernet(
                lab.student.mac, craft.BROADCAST_MAC, craft.arp_request(lab.student.mac, "10.77.0.2", FAR), 0x0806
            )
        )
    )
    udp = dissect(Frame(datagram(lab, FAR)))
    cases: list[tuple[Callable[[], bytes], str]] = [
        (lambda: unreachable(arp), "an ICMP message answers an IPv4 packet; this is ARP who has 203.0.113.9"),
        (lambda: echo_reply(udp), "only an echo request has an echo reply"),
        (lambda: arp_reply(udp, MAC), "only ARP has an ARP reply"),
    ]
    for make, says in cases:
        with pytest.raises(UsageError, match=says):
            make()


def test_the_internet_host_is_no_router(lab: Lab) -> None:
    """Whatever this machine is: a packet for somebody else comes to nothing by itself."""
    with FramePeer(lab.internet, lambda heard: []) as peer:
        assert not brought_back(lab, datagram(lab, FAR, ttl=1), peer)
