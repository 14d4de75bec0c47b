"""What we write, the real tools read: Wireshark's, tcpdump, Scapy; and our own reader gets it all back."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_netlab.capture import InterfaceRecord, Remarks, read_capture, write_pcapng
from pytest_netlab.capture.counters import Counters
from pytest_netlab.errors import UsageError
from pytest_netlab.wire.frame import Direction, Frame

PING = bytes.fromhex("02000a4d0001 02000a4d0002 0800 4500001c0001000040016624 0a4d0002 0a4d0001 0800f7fe00010000")
RAW = PING[14:]
FRAMES = [
    Frame(PING, 1, 1_700_000_000_123_456_789, "eth0@internet", 1, Direction.INCOMING, None, False, "asks"),
    Frame(PING, 2, 1_700_000_000_123_456_790, "eth0@internet", 1, Direction.OUTGOING, None, True),
    Frame(RAW, 3, 1_700_000_001_000_000_000, "tun0", 101),
    Frame(PING[:41], 4, 1_700_000_002_000_000_001, "eth0@internet", 1, Direction.INCOMING, 1500, False),
]
INTERFACES = [InterfaceRecord("eth0@internet", 1, received=3, dropped=7), InterfaceRecord("tun0", 101)]
STATES = [(1, False), (2, None), (3, True)]
REMARKS = Remarks(
    section="2 clauses passed, 1 failed",
    frames={2: ["failed: reply-id", "RFC 792"]},
    names={"10.77.0.1": "internet", "fd00:77::1": "internet6"},
    hardware="a laptop",
    system="Linux",
    application="pytest-netlab 0.1.0",
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pcapng") / "evidence.pcapng"
    write_pcapng(path, FRAMES, INTERFACES, REMARKS)
    return path


def run(tool: str, *arguments: str | Path) -> str:
    found = shutil.which(tool)
    if not found:
        pytest.skip(f"{tool} is not installed")
    environment = os.environ | {"WIRESHARK_CONFIG_DIR": "/nonexistent", "TZ": "UTC"}
    command = [found, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_our_reader_gets_everything_back(saved: Path) -> None:
    frames = list(read_capture(saved))
    assert frames[0] == FRAMES[0]
    assert frames[1].comment == "failed: reply-id\nRFC 792"
    assert frames[1].checksum_unfinished is True
    assert frames[2:] == FRAMES[2:]


def test_tshark_reads_fields(saved: Path) -> None:
    wanted = "time_epoch interface_name packet_flags_direction len cap_len"
    columns = [part for name in wanted.split() for part in ("-e", f"frame.{name}")]
    lines = run("tshark", "-r", saved, "-T", "fields", *columns).splitlines()
    assert [line.split("\t") for line in lines] == [
        ["1700000000.123456789", "eth0@internet", "0x00000001", "42", "42"],
        ["1700000000.123456790", "eth0@internet", "0x00000002", "42", "42"],
        ["1700000001.000000000", "tun0", "", "28", "28"],
        ["1700000002.000000001", "eth0@internet", "0x00000001", "1500", "41"],
    ]


def test_tshark_shows_comments_on_their_frames(saved: Path) -> None:
    shown = run("tshark", "-r", saved, "-Y", "frame.comment", "-T", "json", "-e", "frame.comment")
    [one, two] = json.loads(shown)
    assert one["_source"]["layers"]["frame.comment"] == ["asks"]
    assert two["_source"]["layers"]["frame.comment"] == ["failed: reply-id", "RFC 792"]


def test_tshark_resolves_names(saved: Path) -> None:
    shown = run("tshark", "-r", saved, "-N", "n", "-c", "1", "-T", "fields", "-e", "ip.dst_host")
    assert shown.strip() == "internet"


def test_capinfos_tells_origin_and_statistics(saved: Path) -> None:
    told = run("capinfos", saved)
    for text in (
        "2 clauses passed, 1 failed",
        "a laptop",
        "pytest-netlab 0.1.0",
        "nanoseconds (9)",
        "Name = eth0@internet",
        "Name = tun0",
        "Number of stat entries = 1",
    ):
        assert text in told
    assert "Number of packets:   4" in told


def test_tcpdump_reads_it(saved: Path, tmp_path: Path) -> None:
    """libpcap wants one link type in a file, so it gets the Ethernet frames."""
    path = tmp_path / "ethernet.pcapng"
    write_pcapng(path, FRAMES[:2], INTERFACES[:1], REMARKS)
    shown = run("tcpdump", "-nn", "-r", path)
    assert shown.count("10.77.0.2 > 10.77.0.1: ICMP echo request") == 2


def test_scapy_reads_it(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "ethernet.pcapng"
    write_pcapng(path, FRAMES[:2], INTERFACES[:1], REMARKS)
    script = (
        "import sys; from scapy.utils import rdpcap; p = rdpcap(sys.argv[1]);"
        "print([bytes(x).hex() for x in p], [x.comments for x in p], p[0].sniffed_on, p[0].direction)"
    )
    pytest.importorskip("scapy")
    shown = run(sys.executable, "-c", script, path)
    assert shown.count(PING.hex()) == 2
    assert "[b'failed: reply-id', b'RFC 792']" in shown


def test_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "evidence.pcapng"
    path.write_bytes(b"the older one")
    with pytest.raises(UsageError, match="no address"):
        write_pcapng(path, FRAMES, INTERFACES, Remarks(names={"nowhere": "x"}))
    assert path.read_bytes() == b"the older one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["evidence.pcapng"]
    assert path.stat().st_mode & 0o777 in (0o644, 0o600)


def test_unknown_checksum_state_stays_unknown(tmp_path: Path) -> None:
    """One frame of an interface that nobody asked about: a zero bit no longer means "finished"."""
    frames = [Frame(PING, number, checksum_unfinished=state) for number, state in STATES]
    write_pcapng(tmp_path / "x.pcapng", frames)
    assert [frame.checksum_unfinished for frame in read_capture(tmp_path / "x.pcapng")] == [None, None, True]


def test_very_long_comment_is_cut_at_a_character(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    write_pcapng(path, [Frame(PING, comment="ä" * 40_000)])
    [frame] = read_capture(path)
    assert frame.comment == "ä" * 32_767


def test_lone_surrogates_and_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    write_pcapng(path, [], [], Remarks(section="\udcff"))
    assert list(read_capture(path)) == []


def test_statistics_tell_drops_apart(tmp_path: Path) -> None:
    """Read with nothing of ours: the options of the last block, section 4.6 of the draft."""
    path = tmp_path / "x.pcapng"
    record = InterfaceRecord("eth0@internet", 1, received=5, dropped=7, counters=Counters(20, 1, 9, 2))
    write_pcapng(path, FRAMES[:2], [record])
    data = path.read_bytes()
    (length,) = struct.unpack("=I", data[-4:])
    block = data[-length:]
    assert struct.unpack_from("=3I", block) == (5, length, 0)
    options = {}
    at = 20
    while (head := struct.unpack_from("=2H", block, at)) != (0, 0):
        options[head[0]] = struct.unpack_from("=Q", block, at + 4)[0]
        at += 4 + head[1]
    assert options == {4: 12, 5: 3, 7: 7, 8: 2}, "isb_ifrecv, isb_ifdrop, isb_osdrop, isb_usrdeliv"
