"""A datagram from nc to socat and back: netcat-openbsd asks, socat answers in capitals."""

from collections.abc import Callable
from pathlib import Path

from pytest_netlab import Capture, Checksum, Lab, Program


def test_one_question_one_answer(lab: Lab, run_program: Callable[..., Program], wire: Capture, tmp_path: Path) -> None:
    (tmp_path / "question").write_bytes(b"who is there?")
    run_program("socat", "UDP4-RECVFROM:7000,fork", "SYSTEM:tr a-z A-Z")
    lab.student.await_port("udp", 7000)
    command = f"exec nc -u -w 5 -p 4000 {lab.student.address} 7000 < question"
    asking = run_program("sh", "-c", command, directory=tmp_path, host=lab.internet)
    assert asking.wait_output(b"WHO IS THERE?", timeout_s=10)

    question, answer = wire.udp
    assert (question.udp.src_port, question.udp.dst_port) == (4000, 7000)
    assert (question.payload, answer.payload) == (b"who is there?", b"WHO IS THERE?")
    assert (answer.ip.source, answer.ip.destination) == (question.ip.destination, question.ip.source)
    assert (answer.udp.src_port, answer.udp.dst_port) == (7000, 4000)
    assert question.udp.length == 8 + 13  # RFC 768: header and data
    assert {packet.udp.checksum_state for packet in wire.udp} == {Checksum.GOOD}


def test_nobody_is_there(lab: Lab, run_program: Callable[..., Program], wire: Capture, tmp_path: Path) -> None:
    (tmp_path / "question").write_bytes(b"hello?")
    asking = run_program("sh", "-c", f"exec nc -u -w 5 {lab.internet.address} 7000 < question", directory=tmp_path)
    told = wire.wait_for(lambda packet: packet.icmp is not None, timeout_s=10)
    assert (told.icmp.type, told.icmp.code) == (3, 3)  # RFC 792: port unreachable
    assert told.icmp.quoted_ports == (wire.udp.to(7000).first.udp.src_port, 7000)
    assert asking.wait(10)
