"""Counts against frames: the class of a frame, two truths about HTTP, and one mistake that costs once."""

from __future__ import annotations

from collections import Counter

import pytest

from pytest_netlab.grading.classes import class_of, count_classes
from pytest_netlab.grading.counts import CLASSES
from pytest_netlab.grading.tally import Tally
from pytest_netlab.lab.taps import CABLE
from pytest_netlab.traffic import craft
from pytest_netlab.wire import Direction, Frame, Packet, Packets, dissect

PEER, HERE = "10.77.0.1", "10.77.0.2"
WARM_UP = {"port": 40000, "least": 2, "most": 2}
GET, OK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def frame(protocol: int, payload: bytes, *, sent: bool = False) -> Frame:
    """A frame on the cable, seen at the peer's end; `sent` by the student's host."""
    source, destination = (HERE, PEER) if sent else (PEER, HERE)
    octets = craft.ethernet(
        "02:00:00:00:00:01", "02:00:00:00:00:02", craft.ipv4(source, destination, protocol, payload)
    )
    return Frame(octets, interface=CABLE, direction=Direction.INCOMING if sent else Direction.OUTGOING)


def tcp(source: int, destination: int, data: bytes = b"", flags: str = "PA", *, sent: bool = False) -> Frame:
    return frame(6, craft.tcp(PEER, HERE, source, destination, flags=flags, data=data), sent=sent)


def udp(source: int, destination: int, data: bytes = b"x") -> Frame:
    return frame(17, craft.udp(PEER, HERE, source, destination, data))


def icmp(message: bytes, *, sent: bool = False) -> Frame:
    return frame(1, message, sent=sent)


def dns_over_tcp(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def arp() -> Frame:
    octets = craft.ethernet(
        "02:00:00:00:00:01", craft.BROADCAST_MAC, craft.arp_request("02:00:00:00:00:01", PEER, HERE)
    )
    return Frame(octets[:12] + b"\x08\x06" + octets[14:], interface=CABLE, direction=Direction.OUTGOING)


QUESTION = craft.dns_query(7, "httpbin.org")
QUOTED = craft.ipv4(HERE, PEER, 17, craft.udp(HERE, PEER, 5, 6, b"lost"))
FRAMES = {
    "a request to 80": (tcp(4000, 80, GET), "HTTP", "HTTP"),
    "a request to 8080": (tcp(4000, 8080, GET), "HTTP", "HTTP"),
    "a response from 80": (tcp(80, 4000, OK), "HTTP", "TCP"),
    "a request to another port": (tcp(4000, 81, GET), "TCP", "TCP"),
    "a SYN to 80": (tcp(4000, 80, flags="S"), "TCP", "TCP"),
    "the middle of a body": (tcp(80, 4000, b"middle"), "TCP", "TCP"),
    "DNS over UDP": (udp(4000, 53, QUESTION), "DNS", "DNS"),
    "DNS over TCP": (tcp(4000, 53, dns_over_tcp(QUESTION)), "DNS", "DNS"),
    "a SYN to 53": (tcp(4000, 53, flags="S"), "TCP", "TCP"),
    "DNS on another port": (udp(4000, 5300, QUESTION), "UDP", "UDP"),
    "an echo": (icmp(craft.echo_request(1, 2)), "ICMP", "ICMP"),
    "an error that quotes UDP": (icmp(craft.unreachable(3, QUOTED)), "ICMP", "ICMP"),
    "UDP": (udp(4000, 5000), "UDP", "UDP"),
    "protocol 253": (frame(253, b"x"), "Other IP", "Other IP"),
    "ARP": (arp(), None, None),
}


@pytest.mark.parametrize(("one", "with_responses", "requests_alone"), FRAMES.values(), ids=FRAMES)
def test_class(one: Frame, with_responses: str | None, requests_alone: str | None) -> None:
    assert class_of(dissect(one)) == with_responses
    assert class_of(dissect(one), responses=False) == requests_alone


MIX = (
    [udp(9, WARM_UP["port"])] * 3
    + [tcp(4000, 80, GET)] * 3
    + [tcp(4000, 8080, GET)]
    + [tcp(80, 4000, OK)] * 2
    + [tcp(8080, 4000, OK)]
    + [udp(4000, 53, QUESTION)] * 3
    + [tcp(4000, 53, dns_over_tcp(QUESTION))] * 3
    + [icmp(craft.echo_request(1, 2))] * 2
    + [icmp(craft.icmp(0, 0, bytes(4)), sent=True)] * 2
    + [icmp(craft.unreachable(3, QUOTED))]
    + [tcp(4000, 4001, flags="S")] * 4
    + [tcp(4001, 4000, flags="R", sent=True)] * 4
    + [udp(4000, 5000)] * 5
    + [frame(253, b"x")] * 2
    + [arp()] * 2
)
RIGHT = {"HTTP": 7, "DNS": 6, "ICMP": 5, "TCP": 8, "UDP": 7, "Other IP": 2}
REQUESTS = RIGHT | {"HTTP": 4, "TCP": 11}


def tally(shown: dict[str, int], frames: list[Frame] = MIX, warm_up: dict[str, int] = WARM_UP) -> Tally:
    return Tally(Packets.of(frames), shown, warm_up)


def faults(shown: dict[str, int]) -> list[str]:
    read = tally(shown)
    return [name for name in CLASSES if read.fault(name)]


@pytest.mark.parametrize("shown", [RIGHT, REQUESTS])
def test_both_truths_are_right(shown: dict[str, int]) -> None:
    assert tally(shown).agrees
    assert faults(shown) == []


def test_requests_of_one_truth_with_tcp_of_the_other_are_wrong() -> None:
    assert not tally(RIGHT | {"TCP": 11}).agrees
    assert faults(RIGHT | {"TCP": 11}) == ["TCP"]


MISTAKES = {
    "8080 is not known": (RIGHT | {"HTTP": 5, "TCP": 10}, "HTTP"),
    "8080 is not known, requests alone": (REQUESTS | {"HTTP": 3, "TCP": 12}, "HTTP"),
    "responses alone": (RIGHT | {"HTTP": 3, "TCP": 12}, "HTTP"),
    "the port is HTTP": (RIGHT | {"HTTP": 10, "TCP": 5}, "HTTP"),
    "HTTP is TCP too": (RIGHT | {"TCP": 15}, "TCP"),
    "DNS over TCP is TCP": (RIGHT | {"DNS": 3, "TCP": 11}, "DNS"),
    "DNS over UDP is UDP": (RIGHT | {"DNS": 3, "UDP": 10}, "DNS"),
    "DNS is UDP too": (RIGHT | {"UDP": 10}, "UDP"),
    "quoted UDP is UDP": (RIGHT | {"ICMP": 4, "UDP": 8}, "ICMP"),
    "ICMP is other": (RIGHT | {"ICMP": 0, "Other IP": 7}, "ICMP"),
    "ARP is other": (RIGHT | {"Other IP": 4}, "Other IP"),
    "nothing is other": (RIGHT | {"Other IP": 0}, "Other IP"),
    "one UDP packet is lost": (RIGHT | {"UDP": 6}, "UDP"),
}


@pytest.mark.parametrize(("shown", "name"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_class_s(shown: dict[str, int], name: str) -> None:
    assert faults(shown) == [name]
    assert not tally(shown).agrees


def test_two_mistakes_are_two() -> None:
    assert faults(REQUESTS | {"UDP": 12}) == ["UDP"]
    assert faults(RIGHT | {"ICMP": 4, "UDP": 12}) == ["ICMP", "UDP"]


def test_a_fault_says_what_passed() -> None:
    assert tally(RIGHT | {"HTTP": 6, "TCP": 9}).fault("HTTP") == (
        "HTTP: 6 shown, where 7 passed (3 requests on port 80, 2 responses on port 80, 1 requests on port 8080, "
        "1 responses on port 8080)"
    )
    assert tally(RIGHT | {"Other IP": 4}).fault("Other IP") == (
        "Other IP: 4 shown, where 2 passed (2 of protocol 253; and 2 ARP, which is no IP)"
    )
    assert "7 passed (5 on other ports, 2 to see whether it listens)" in tally(RIGHT | {"UDP": 1}).fault("UDP")


def test_a_class_that_is_not_shown_is_missing_and_no_fault() -> None:
    shown = {name: number for name, number in RIGHT.items() if name != "DNS"}
    assert tally(shown).missing == ["DNS"]
    assert faults(shown) == []
    assert not tally(shown).agrees


@pytest.mark.parametrize(("heard", "is_right"), [(0, False), (1, True), (2, True), (3, True), (4, False)])
def test_warm_up_that_may_have_been_heard(heard: int, is_right: bool) -> None:
    shown = RIGHT | {"UDP": 5 + heard}
    assert tally(shown, warm_up=WARM_UP | {"least": 1, "most": 3}).agrees == is_right


def test_what_passed_before_the_warm_up_does_not_count() -> None:
    assert tally(RIGHT, [udp(4000, 5000), tcp(4000, 80, GET), *MIX]).agrees


def test_frames_of_other_interfaces_do_not_count() -> None:
    elsewhere = Frame(udp(4000, 5000).data, interface="lo@student", direction=Direction.INCOMING)
    assert tally(RIGHT, [*MIX, elsewhere]).agrees


def _one_way(*, sent: bool) -> dict[str, int]:
    packets: list[Packet] = [dissect(each) for each in MIX if (each.direction is Direction.INCOMING) == sent]
    counted: Counter[str] = count_classes(packets)
    counted["UDP"] -= 0 if sent else 1  # of three warm-up datagrams two were heard
    return dict(counted)


def test_one_direction() -> None:
    assert tally(_one_way(sent=False)).one_direction == "received"
    assert tally(_one_way(sent=True)).one_direction == "sent"
    assert tally(RIGHT).one_direction == ""
    assert tally(RIGHT | {"ICMP": 3}).one_direction == ""
