"""The fixtures in tests that know nothing of a curriculum: each one used for what it is there for."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest

from pytest_netlab import Capture, Checksum, Lab
from pytest_netlab.plugin.makers import MakeTcpServer, MakeUdpServer, RunProgram
from pytest_netlab.traffic.raw import RawSocket
from pytest_netlab.traffic.scapy_bridge import ScapySender, ScapySniffer
from pytest_netlab.traffic.tcp import TcpServer, reply
from pytest_netlab.traffic.udp import UdpServer
from pytest_netlab.wire.checksum import internet_checksum


def test_udp_server_echoes_and_the_wire_shows_both_ways(lab: Lab, udp_server: UdpServer, wire: Capture) -> None:
    client = lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(5)
    client.sendto(b"over there", udp_server.address)
    assert client.recv(100) == b"over there"
    request, response = wire.udp
    assert request.udp.dst_port == udp_server.port
    assert response.udp.src_port == udp_server.port
    assert request.udp.checksum_state is Checksum.GOOD
    assert udp_server.received[0].data == b"over there"


def test_make_udp_server_answers_what_it_is_told(lab: Lab, make_udp_server: MakeUdpServer) -> None:
    server = make_udp_server(53, reply=b"yes", address="8.8.8.8")
    client = lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(5)
    client.sendto(b"?", ("8.8.8.8", 53))
    assert client.recvfrom(10) == (b"yes", ("8.8.8.8", 53))
    assert server.port == 53


def test_tcp_server_and_streams(lab: Lab, tcp_server: TcpServer, wire: Capture) -> None:
    client = lab.student.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(5)
    client.connect(tcp_server.address)
    client.sendall(b"hello")
    assert client.recv(10) == b"hello"
    stream = wire.tcp_streams.only
    assert stream.flags[:3] == ["S", "SA", "A"]
    assert (stream.client_bytes, stream.server_bytes) == (b"hello", b"hello")


def test_make_tcp_server_with_a_behaviour(lab: Lab, make_tcp_server: MakeTcpServer) -> None:
    server = make_tcp_server(80, reply(b"bye"), address="10.77.0.80")
    client = lab.student.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(5)
    client.connect(("10.77.0.80", 80))
    client.sendall(b"hello")
    assert client.recv(10) == b"bye"
    assert len(server.accepted) == 1


def test_run_program_with_files_of_its_own(lab: Lab, run_program: RunProgram, tmp_path: Path, wire: Capture) -> None:
    (tmp_path / "send.sh").write_text("printf wire > /dev/udp/10.77.0.1/4242; echo sent\n", encoding="ascii")
    program = run_program("bash", "send.sh", directory=tmp_path)
    assert program.wait(10)
    program.kill()
    assert (program.status, program.output) == (0, b"sent\n")
    assert wire.udp.to(4242).only.payload == b"wire"


def test_raw_socket_sends_the_header_it_is_given(raw_socket: RawSocket, wire: Capture) -> None:
    header = struct.pack("!2B3H2BH4s4s", 0x45, 0, 20, 7, 0, 9, 253, 0, bytes([10, 77, 0, 2]), bytes([10, 77, 0, 1]))
    header = header[:10] + struct.pack("!H", internet_checksum(header)) + header[12:]
    raw_socket.send(header)
    packet = wire.packets.where(lambda packet: packet.ipv4 and packet.ipv4.protocol == 253).only
    assert (packet.ipv4.ttl, packet.ipv4.identification) == (9, 7)


def test_scapy_from_the_test_process(scapy_sender: ScapySender, scapy_sniffer: ScapySniffer) -> None:
    inet = pytest.importorskip("scapy.layers.inet")
    answer = scapy_sender.sr1(inet.IP(dst="8.8.8.8") / inet.ICMP(id=5, seq=6), timeout_s=5)
    assert answer is not None
    assert (answer[inet.ICMP].type, answer[inet.ICMP].id) == (0, 5)
    assert scapy_sniffer.wait_for(lambda packet: inet.ICMP in packet and packet[inet.ICMP].type == 8, timeout_s=5)
