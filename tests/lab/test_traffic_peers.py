"""The peers of exercises 1.2, 2.1 and 2.2, met by real clients; the wire is read by Scapy."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP, IPerror
from scapy.packet import Raw

from pytest_netlab.lab import snapshot
from pytest_netlab.lab.client import Agent, Lab
from pytest_netlab.traffic import http
from pytest_netlab.traffic.handshake import HandshakePeer
from pytest_netlab.traffic.http import END_MARKER, INVALID_UTF8, LARGE_BYTES, HttpServer
from pytest_netlab.traffic.icmp import EchoPeer, EchoRequest
from pytest_netlab.traffic.scapy_bridge import ScapySender, ScapySniffer
from pytest_netlab.traffic.tcp_client import TcpClient

REQUEST = b"GET /get?a=1 HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n"
HTTP = ("httpbin.org", 80)


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    made = Agent()
    yield made
    made.close()


@pytest.fixture
def lab(agent: Agent) -> Iterator[Lab]:
    with agent.lab() as made:
        yield made


def body_of(response: bytes, *, ended_by_close: bool = False) -> bytes:
    """The body, after a look at Content-Length."""
    header, _, body = response.partition(b"\r\n\r\n")
    assert header.startswith(b"HTTP/1.1 200 OK\r\n")
    assert (f"Content-Length: {len(body)}\r\n".encode() in header + b"\r\n") is not ended_by_close
    return body


def payloads(frames: list[Any], port: int) -> list[bytes]:
    """What each segment from `port` carried; empty ones and retransmissions left out."""
    segments = [frame[TCP] for frame in frames if TCP in frame and frame[TCP].sport == port]
    return list({segment.seq: bytes(segment.payload) for segment in segments if Raw in segment}.values())


@pytest.mark.parametrize("mode", ["one_segment", "dribble", "server_closes_first"])
def test_page_is_like_httpbins(lab: Lab, mode: str) -> None:
    with HttpServer(lab.internet, mode, client=lab.student) as server, TcpClient(lab.student, HTTP) as client:
        client.send(REQUEST)
        page = json.loads(body_of(client.receive_all(10), ended_by_close=mode == "server_closes_first"))
        client.close()
        assert server.wait_finished(5)
        (exchange,) = server.exchanges
    assert page == {
        "args": {"a": "1"},
        "headers": {"Connection": "close", "Host": "httpbin.org"},
        "origin": "10.77.0.2",
        "url": "http://httpbin.org/get?a=1",
        "end": END_MARKER,
    }
    assert exchange.request is not None
    assert (exchange.request.raw, exchange.extra, exchange.answered) == (REQUEST, b"", True)
    assert exchange.connection.closed_by_client


def test_one_segment_is_one_segment(lab: Lab) -> None:
    with ScapySniffer(lab.internet) as sniffer, HttpServer(lab.internet) as _:
        with TcpClient(lab.student, HTTP) as client:
            client.send(REQUEST)
            response = client.receive_all(5)
        assert payloads(sniffer.stop(), 80) == [response]


def test_dribble_is_a_segment_a_byte_and_read_byte_by_byte(lab: Lab) -> None:
    with (
        ScapySniffer(lab.internet) as sniffer,
        HttpServer(lab.internet, "dribble", client=lab.student),
        TcpClient(lab.student, HTTP) as client,
    ):
        client.send(REQUEST)
        parts: list[bytes] = []
        while part := client.receive(5):
            parts.append(part)
        assert len(parts) > 200
        assert {len(part) for part in parts} == {1}
        assert payloads(sniffer.stop(), 80) == parts


def test_dribble_is_a_segment_a_byte_for_a_client_that_reads_late(lab: Lab) -> None:
    with (
        ScapySniffer(lab.internet) as sniffer,
        HttpServer(lab.internet, "dribble"),
        TcpClient(lab.student, HTTP) as client,
    ):
        client.send(REQUEST)
        assert sniffer.wait_for(lambda frame: TCP in frame and frame[TCP].flags.F, 5)
        response = client.receive_all(5)
        assert payloads(sniffer.stop(), 80) == [bytes([byte]) for byte in response]


def test_large_body_is_a_megabyte_and_ends_in_its_marker(lab: Lab) -> None:
    with HttpServer(lab.internet, "large"), TcpClient(lab.student, HTTP) as client:
        client.send(REQUEST)
        body = body_of(client.receive_all(20))
    assert len(body) == LARGE_BYTES
    assert body.count(END_MARKER.encode()) == 1
    assert list(json.loads(body).items())[-1] == ("end", END_MARKER)


def test_server_closes_first_with_the_data(lab: Lab) -> None:
    with (
        ScapySniffer(lab.internet) as sniffer,
        HttpServer(lab.internet, "server_closes_first"),
        TcpClient(lab.student, HTTP) as client,
    ):
        client.send(REQUEST.replace(b"Connection: close\r\n", b""))
        assert b"Connection: close\r\n" in client.receive_all(5)
        last = [frame[TCP] for frame in sniffer.stop() if TCP in frame and Raw in frame][-1]
    assert (last.sport, "F" in last.flags) == (80, True)


def test_not_utf8_splits_a_character(lab: Lab) -> None:
    with HttpServer(lab.internet, "not_utf8", client=lab.student), TcpClient(lab.student, HTTP) as client:
        client.send(REQUEST)
        first = client.receive(5)
        assert first is not None
        assert first.endswith(b"\xe2\x82")
        rest = client.receive_all(5)
    assert rest.startswith(b"\xac")
    assert INVALID_UTF8 in body_of(first + rest)


def test_empty_closes_without_a_response(lab: Lab) -> None:
    with HttpServer(lab.internet, "empty") as server, TcpClient(lab.student, HTTP) as client:
        client.send(REQUEST)
        assert client.receive_all(5) == b""
        assert server.exchanges[0].request is not None


def test_client_that_does_not_say_close_closes_by_itself(lab: Lab) -> None:
    with HttpServer(lab.internet) as server, TcpClient(lab.student, HTTP) as client:
        client.send(b"GET /get HTTP/1.1\r\nHost: httpbin.org\r\n\r\n")
        response = client.receive(5)
        assert response is not None
        assert b"Connection: keep-alive" in response
        assert client.receive(0.1) is None
        client.send(b"and more")
        client.close()
        assert server.wait_finished(5)
        assert server.exchanges[0].extra == b"and more"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /get HTTP/1.0\r\n\r\n",
        b"GET /get HTTP/1.1\nHost: httpbin.org\nConnection: close\n\n",
        b"nonsense\r\n\r\n",
        b"GET http://httpbin.org/get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: Close\r\n\r\n",
        b"\xff\xfe\r\n: \r\n\r\n",
    ],
)
def test_faulty_and_odd_requests_get_their_page(lab: Lab, request_bytes: bytes) -> None:
    with HttpServer(lab.internet) as server, TcpClient(lab.student, HTTP) as client:
        for byte in request_bytes:
            client.send(bytes([byte]))
        client.finish()
        assert json.loads(body_of(client.receive_all(5)))["origin"] == "10.77.0.2"
        assert server.exchanges[0].request is not None
        assert server.exchanges[0].request.raw == request_bytes


def test_unfinished_request_is_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PATIENCE_S", 0.1)
    with HttpServer(lab.internet) as server, TcpClient(lab.student, HTTP) as client:
        client.send(b"GET /get HTTP/1.1\r\nHost: httpbin.org\r\n")
        assert client.receive_all(5).startswith(b"HTTP/1.1 408 ")
        assert server.exchanges[0].request is None
    with HttpServer(lab.internet) as server, TcpClient(lab.student, HTTP) as client:
        client.send(b"x" * (http.MOST_REQUEST_BYTES + 1))
        assert client.receive_all(5).startswith(b"HTTP/1.1 431 ")


def test_echo_is_answered(lab: Lab) -> None:
    with EchoPeer(lab) as peer, ScapySender(lab.student) as sender:
        assert sender.sr1(IP(dst="8.8.8.8") / ICMP(id=1, seq=2) / b"abc", 5)
        assert peer.wait_for(1, 5)
        assert peer.requests == [EchoRequest("10.77.0.2", 1, 2, b"abc")]


def test_echo_is_silent_and_answered_again_afterwards(lab: Lab) -> None:
    packet = IP(dst="8.8.8.8") / ICMP(id=7)
    with ScapySender(lab.student) as sender, ScapySniffer(lab.internet) as sniffer:
        with EchoPeer(lab, "silent") as peer:
            sender.send(packet)
            assert peer.wait_for(1, 5)
            assert sender.sr1(packet, 0.1) is None
            assert [frame[ICMP].type for frame in sniffer.packets] == [8, 8]
        assert sender.sr1(packet, 5)


def test_unreachable_quotes_the_request(lab: Lab) -> None:
    with EchoPeer(lab, "unreachable") as peer, ScapySender(lab.student) as sender:
        packet = IP(dst="8.8.8.8", id=0x1234) / ICMP(id=7, seq=9) / b"more than eight bytes"
        answer = sender.sr1(packet, 5)
        assert peer.wait_for(1, 5)
    assert answer
    assert (answer[IP].src, answer[ICMP].type, answer[ICMP].code) == ("8.8.8.8", 3, 1)
    assert answer[IP].len == 20 + 8 + 20 + 8
    quoted = answer[IPerror]
    assert (quoted.src, quoted.dst, quoted.id) == ("10.77.0.2", "8.8.8.8", 0x1234)
    assert bytes(quoted.payload) == bytes(packet[ICMP])[:8]
    assert type(answer[IP])(bytes(answer[IP])).chksum == answer[IP].chksum
    rebuilt = answer[ICMP].copy()
    del rebuilt.chksum
    assert ICMP(bytes(rebuilt)).chksum == answer[ICMP].chksum


def syn(source_port: int) -> object:
    return IP(dst="10.77.0.81") / TCP(sport=source_port, dport=80, flags="S", seq=1000)


def test_open_port_accepts_a_handshake_by_hand(lab: Lab) -> None:
    lab.suppress_kernel_resets()
    with HandshakePeer(lab.internet) as peer, ScapySender(lab.student) as sender:
        answer = sender.sr1(syn(5555), 5)
        assert answer
        assert (str(answer[TCP].flags), answer[TCP].ack) == ("SA", 1001)
        assert peer.accepted == []
        ack = TCP(sport=5555, dport=80, flags="A", seq=1001, ack=answer[TCP].seq + 1)
        sender.send(IP(dst="10.77.0.81") / ack)
        assert peer.wait_for_connection(5) == ("10.77.0.2", 5555)
        assert peer.accepted == [("10.77.0.2", 5555)]


def test_two_ports_are_no_handshake(lab: Lab) -> None:
    lab.suppress_kernel_resets()
    with HandshakePeer(lab.internet) as peer, ScapySender(lab.student) as sender:
        answer = sender.sr1(syn(61413), 5)
        assert answer
        ack = TCP(sport=46593, dport=80, flags="A", seq=1001, ack=answer[TCP].seq + 1)
        reset = sender.sr1(IP(dst="10.77.0.81") / ack, 5)
        assert reset
        assert str(reset[TCP].flags) == "R"
        assert peer.wait_for_connection(0.05) is None


def test_closed_port_resets_and_silent_port_says_nothing(lab: Lab) -> None:
    with ScapySender(lab.student) as sender, ScapySniffer(lab.internet) as sniffer:
        with HandshakePeer(lab.internet, "silent") as peer:
            assert sender.sr1(syn(5555), 0.1) is None
            assert peer.accepted == []
        assert [str(frame[TCP].flags) for frame in sniffer.packets] == ["S"]
        with HandshakePeer(lab.internet, "closed") as peer:
            answer = sender.sr1(syn(5556), 5)
            assert answer
            assert (str(answer[TCP].flags), answer[TCP].ack) == ("RA", 1001)
            assert peer.wait_for_connection(0) is None


def test_accept_of_a_program_that_ends_is_not_missed(lab: Lab) -> None:
    code = "import socket; socket.create_connection(('scanme.nmap.org', 80))"
    with (
        HandshakePeer(lab.internet) as peer,
        lab.launch([sys.executable, "-c", code], snapshot.Snapshot()) as program,
    ):
        before = time.monotonic()
        client = peer.wait_for_connection(30, until_ended=program)
        assert client, program.output
        assert client[0] == "10.77.0.2"
        assert time.monotonic() - before < 20
