"""pytest-netlab show: captures as text, wherever Python runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_netlab.capture import Remarks, write_pcapng
from pytest_netlab.cli import main
from pytest_netlab.wire import Frame
from tests.unit.wire.frames import udp_packet

GOLDEN = Path(__file__).parent.parent.parent / "captures" / "golden"
FETCH = GOLDEN / "1.2" / "tcp-http-client-one-segment" / "capture.pcapng"
MIX = GOLDEN / "2.3" / "packet-counter-known-mix" / "capture.pcapng"


def show(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main(["show", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_capture_as_a_whole(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = show(capsys, FETCH)
    assert (status, err) == (0, "")
    assert "10 frames in 0.001 s, 1 flow; checksums: 20 good" in out
    assert "student 10.77.0.2" in out
    assert "S seq 0 (841143431)" in out
    assert "The connection from port 44190 to port 80 of httpbin.org stood; both sides closed it." in out
    assert "\x1b" not in out


@pytest.mark.parametrize("width", [60, 80, 140])
def test_width_is_kept(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    for file in (FETCH, MIX):
        _, out, _ = show(capsys, file, "--width", str(width))
        assert max(map(len, out.splitlines())) <= width


def test_a_frame_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = show(capsys, FETCH, "--frame", "5")
    assert status == 0
    assert "0010  00 34 8d 90 40 00 40 06" in out
    assert "    50  checksum                 36236 (0x8d8c) good" in out.splitlines()
    assert "frame 4" not in out


@pytest.mark.parametrize(
    ("options", "frames"),
    [
        (("--proto", "http"), "2 frames"),
        (("--port", "80"), "10 frames"),
        (("--host", "httpbin.org", "--proto", "tcp"), "10 frames"),
        (("--flow", "1"), "10 frames"),
    ],
)
def test_packets_are_chosen(options: tuple[str, ...], frames: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = show(capsys, FETCH, *options)
    assert status == 0
    assert frames in out


def test_wireshark_s_own_filter(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = show(capsys, FETCH, "--display-filter", "tcp.flags.syn == 1")
    assert (status, err) == (0, "")
    assert "2 frames" in out
    status, _, err = show(capsys, FETCH, "--display-filter", "tcp.flag ==")
    assert status == 4
    assert "--display-filter 'tcp.flag =='" in err


def test_much_is_cut_and_it_is_said_how_to_see_more(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = show(capsys, MIX)
    everything = sum(1 for line in out.splitlines() if "frames more: --limit" in line)
    assert everything == 1
    assert len(out.splitlines()) < 160
    _, more, _ = show(capsys, MIX, "--limit", "100000")
    assert "frames more" not in more


def test_comments_and_wrong_sums_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(udp_packet(b"hello").frame.data)
    data[40] ^= 0x55
    file = tmp_path / "one.pcapng"
    write_pcapng(file, [Frame(bytes(data))], remarks=Remarks(frames={1: ["clause raw-checksum failed \x1b[2J"]}))
    status, out, _ = show(capsys, file)
    assert status == 0
    assert "clause raw-checksum failed \\x1b[2J" in out
    assert "The UDP checksum is wrong: 0x" in out


def test_damage_is_said_behind_what_could_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cut.pcapng"
    file.write_bytes(FETCH.read_bytes()[:1200])
    status, out, _ = show(capsys, file)
    assert status == 0
    assert "The file is damaged behind frame" in out


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "byte 0"), (b"GIF89a", "neither pcap nor pcapng"), (None, "No such file")]
)
def test_what_is_no_capture(
    content: bytes | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    status, out, err = show(capsys, file)
    assert (status, out) == (4, "")
    assert f"{file}: " in err
    assert words in err


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("--port", "9"), 1, "none of its 10 frames matches"),
        (("--port", "http"), 4, "'http' is no number from 1 on"),
        (("--host", "example.com"), 4, "neither an address nor a name of the lab"),
        (("--proto", "quic"), 4, "invalid choice: 'quic'"),
    ],
)
def test_wrong_choices(options: tuple[str, ...], status: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    ended, out, err = show(capsys, FETCH, *options)
    assert (ended, out) == (status, "")
    assert words in err


def test_it_needs_nothing_of_linux_and_nothing_heavy() -> None:
    program = (
        "import sys; sys.modules['termios'] = sys.modules['fcntl'] = sys.modules['resource'] = None\n"
        f"from pytest_netlab.cli import main; status = main(['show', {str(FETCH)!r}])\n"
        "print(status, {name.split('.')[0] for name in sys.modules} & {'scapy', 'pyroute2', 'pyshark', 'pytest'})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.endswith("\n0 set()\n"), done.stderr
