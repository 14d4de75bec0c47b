"""curl, through a cable that loses the first segment of an answer."""

import sys
from collections.abc import Callable
from pathlib import Path

from pytest_netlab import Capture, Lab, Link, Packet, Program

PAGE = b"It begins here." + bytes(range(32, 127)) * 40


def test_a_lost_segment_comes_again(
    lab: Lab, link: Link, run_program: Callable[..., Program], wire: Capture, tmp_path: Path
) -> None:
    def is_page(packet: Packet) -> bool:
        return packet.tcp is not None and b"begins here" in bytes(packet.payload)

    lost = link.to_internet.drop(1, where=is_page)
    (tmp_path / "page.txt").write_bytes(PAGE)
    run_program(sys.executable, "-m", "http.server", "8000", directory=tmp_path)
    lab.student.await_port("tcp", 8000)
    url = f"http://{lab.student.address}:8000/page.txt"
    curl = run_program("curl", "--silent", url, host=lab.internet)
    assert curl.wait(20)
    assert (curl.status, curl.output) == (0, PAGE)

    assert lost.hits == 1
    stream = wire.tcp_streams.to(8000).only
    again = stream.from_server.where(is_page).first  # the lost one never came by the capture
    assert again.tcp.seq == lost.packets.only.tcp.seq
    before = stream.from_client.where(lambda packet: packet.number < again.number)
    assert max(stream.relative_ack(packet) for packet in before[1:]) == stream.relative_seq(again)  # RFC 9293 §3.4
    assert stream.server_bytes.endswith(PAGE)
    assert stream.server_gap == 0
