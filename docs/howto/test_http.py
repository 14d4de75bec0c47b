"""Two clients and a server of HTTP that others wrote: Python's http.server, curl and wget."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_netlab import Capture, Lab, Program, TcpStream

PAGE = b"hello from the wire\n"
CLIENTS = {"curl": ("curl", "--silent"), "wget": ("wget", "--quiet", "--output-document=-")}


@pytest.fixture(params=CLIENTS)
def fetched(
    request: pytest.FixtureRequest, lab: Lab, wire: Capture, run_program: Callable[..., Program], tmp_path: Path
) -> TcpStream:
    """The one conversation in which a client gets a page."""
    (tmp_path / "page.txt").write_bytes(PAGE)
    run_program(sys.executable, "-m", "http.server", "8000", directory=tmp_path)
    lab.student.await_port("tcp", 8000)
    client = run_program(*CLIENTS[request.param], f"http://{lab.student.address}:8000/page.txt", host=lab.internet)
    assert client.wait(20)
    assert (client.status, client.output.replace(b"\r\n", b"\n")) == (0, PAGE)  # its terminal writes \r\n
    for port_of in ("src_port", "dst_port"):  # both FINs may come after the client's end
        wire.wait_for(lambda packet: "F" in packet.tcp.flags and getattr(packet.tcp, port_of) == 8000, timeout_s=10)  # noqa: B023
    return wire.tcp_streams.to(8000).only


def test_the_handshake(fetched: TcpStream) -> None:
    assert fetched.flags[:3] == ["S", "SA", "A"]  # RFC 9293 §3.5
    assert fetched.handshake.problems == []
    assert fetched.resets == []


def test_the_request(fetched: TcpStream) -> None:
    first, *headers = fetched.client_bytes.split(b"\r\n")
    assert first.startswith(b"GET /page.txt HTTP/1.")  # RFC 9112 §3
    assert f"Host: {fetched.server.address}:8000".encode() in headers  # RFC 9110 §7.2
    assert fetched.client_bytes.endswith(b"\r\n\r\n")


def test_the_answer(fetched: TcpStream) -> None:
    head, _, body = fetched.server_bytes.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK\r\n")
    assert f"Content-Length: {len(PAGE)}".encode() in head.split(b"\r\n")
    assert body == PAGE


def test_each_side_hangs_up_behind_its_last_octet(fetched: TcpStream) -> None:
    """Whose FIN comes first is a matter of microseconds; where it stands is not (RFC 9293 §3.6)."""
    for sent, data in ((fetched.from_client, fetched.client_bytes), (fetched.from_server, fetched.server_bytes)):
        fin = sent.where(lambda packet: "F" in packet.tcp.flags).first
        assert fetched.relative_seq(fin) + len(fin.payload) == 1 + len(data)
