"""ping, of iputils: what it asks, and what a kernel answers."""

from collections.abc import Callable

import pytest

from pytest_netlab import Capture, Checksum, Lab, Packets, Program


@pytest.fixture
def messages(lab: Lab, run_program: Callable[..., Program], wire: Capture) -> Packets:
    """Three echo requests with 21 hops to live, and their replies."""
    ping = run_program("ping", "-n", "-c", "3", "-i", "0.2", "-t", "21", "-s", "32", lab.internet.address, net_raw=True)
    assert ping.wait(20)
    assert ping.status == 0, ping.output
    return wire.icmp


def test_requests_and_replies_take_turns(messages: Packets) -> None:
    assert [packet.icmp.type for packet in messages] == [8, 0] * 3  # RFC 792, echo and echo reply


def test_one_identifier_and_sequence_numbers_from_1(messages: Packets) -> None:
    assert len({packet.icmp.identifier for packet in messages}) == 1
    assert [packet.icmp.sequence for packet in messages] == [1, 1, 2, 2, 3, 3]


def test_a_reply_carries_the_data_of_its_request(messages: Packets) -> None:
    for request, answer in zip(messages[::2], messages[1::2], strict=True):
        assert len(request.payload) == 32
        assert answer.payload == request.payload


def test_checksums(messages: Packets) -> None:
    assert {packet.icmp.checksum_state for packet in messages} == {Checksum.GOOD}
    assert {packet.ipv4.checksum_state for packet in messages} == {Checksum.GOOD}


def test_only_the_requests_have_21_hops_to_live(messages: Packets) -> None:
    assert [packet.ipv4.ttl for packet in messages[::2]] == [21] * 3
    assert [packet.ipv4.ttl for packet in messages[1::2]] == [64] * 3
