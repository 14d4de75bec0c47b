"""Reading the files of a submission: what is noted, and what halts."""

from __future__ import annotations

import struct

import pytest

from pytest_netlab.errors import HarnessFault
from pytest_netlab.grading import wireshark
from pytest_netlab.grading.desk import Desk
from pytest_netlab.grading.stage import Halted
from pytest_netlab.grading.wireshark import Selected
from pytest_netlab.lab.snapshot import Entry, Snapshot
from pytest_netlab.wire import Checksum
from tests.unit.wire.frames import ethernet, ipv4, tcp

KEYS = {"udp.filter": str, "udp.frames": list, "tcp.request": int}
NOTES = b'[udp]\nfilter = "udp"\nframes = [1, 2]\nremark = 7\n[tcp]\nrequest = 5\n'


def desk(**files: bytes) -> Desk:
    """At files whose names have a dot where a Python name has an underscore."""
    entries = (Entry(name.replace("_", ".").encode(), "file", data=data) for name, data in files.items())
    return Desk(Snapshot(tuple(entries)), "ground")


def pcap(*frames: bytes) -> bytes:
    records = (struct.pack("<4I", at, 0, len(frame), len(frame)) + frame for at, frame in enumerate(frames))
    return struct.pack("<I2H4I", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + b"".join(records)


def halt(at: pytest.ExceptionInfo[Halted]) -> tuple[str, str, str]:
    return at.value.reason.clause, at.value.reason.expected, at.value.reason.actual


def test_first_capture_that_is_there() -> None:
    reader = desk(b_pcap=pcap(ethernet(b"")))
    reader.read_capture("a.pcapng", "b.pcap")
    assert len(reader.recording) == 1


def test_no_capture_names_what_was_looked_for() -> None:
    with pytest.raises(Halted) as halted:
        desk(b_pcap=b"").read_capture("a.pcapng", "a.pcap")
    assert halt(halted) == ("ground", "a file a.pcapng or a.pcap", "none found; looked for a.pcapng, a.pcap")


def test_link_is_no_capture() -> None:
    snapshot = Snapshot((Entry(b"a.pcap", "link", data=b"/etc/passwd"),))
    with pytest.raises(Halted):
        Desk(snapshot, "ground").read_capture("a.pcap")


def test_damaged_capture_says_where() -> None:
    with pytest.raises(Halted) as halted:
        desk(a_pcap=pcap(ethernet(b""), ethernet(b""))[:-1]).read_capture("a.pcap", clause="other")
    clause, expected, actual = halt(halted)
    assert (clause, expected) == ("other", "a whole capture in a.pcap: pcapng or pcap")
    assert actual.startswith("behind frame 1: ")


def test_capture_is_read_once_for_several_readings() -> None:
    snapshot = Snapshot((Entry(b"a.pcap", "file", data=pcap(ethernet(b""))),))
    known: dict[str, object] = {}
    first, second = (Desk(snapshot, "ground", known) for _ in range(2))  # type: ignore[arg-type]
    first.read_capture("a.pcap")
    second.read_capture("a.pcap")
    assert first.recording is second.recording


def test_wrong_checksum_is_taken_for_unfinished() -> None:
    good = ethernet(ipv4(tcp("S", 7), 6))
    bad = good[:50] + b"\xbe\xef" + good[52:]
    reader = desk(a_pcap=pcap(good, bad))
    reader.read_capture("a.pcap")
    assert [packet.tcp.checksum_state for packet in reader.recording.packets] == [Checksum.GOOD, Checksum.UNFINISHED]


def test_values_become_facts() -> None:
    reader = desk(notes_toml=NOTES)
    reader.read_toml("notes.toml", KEYS)
    assert reader.facts == {"udp_filter": "udp", "udp_frames": [1, 2], "tcp_request": 5}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (b"[tcp]\nrequest = 5\n", b"", "line 1: the table [tcp] is missing"),
        (b"[tcp]\n", b"tcp = 3\n", "the table [tcp] is missing"),
        (b"frames = [1, 2]\n", b"", "line 1: [udp] lacks the key frames"),
        (b"[1, 2]", b"2", "line 3: udp.frames: a list of frame numbers, such as [1, 2], and not a number"),
        (
            b"[1, 2]",
            b'[1, "2"]',
            "line 3: udp.frames: a frame number is a whole number without quotes, and not a string",
        ),
        (b"[1, 2]", b"[1, true]", "line 3: udp.frames: a frame number is a whole number"),
        (b"[1, 2]", b"[1.0]", "line 3: udp.frames: a frame number is a whole number"),
        (b"[1, 2]", b"[-1]", "line 3: udp.frames: -1 is no frame number"),
        (b"= 5", b"= 18446744073709551616", "line 6: tcp.request: 18446744073709551616 is no frame number"),
        (b'"udp"', b"17", "line 2: udp.filter: a string in quotes, and not a number"),
        (b"= 5", b"= [", "line 6: not TOML"),
    ],
)
def test_wrong_notes_name_line_and_key(before: bytes, after: bytes, words: str) -> None:
    with pytest.raises(Halted) as halted:
        desk(notes_toml=NOTES.replace(before, after)).read_toml("notes.toml", KEYS, clause="notes")
    clause, expected, actual = halt(halted)
    assert clause == "notes"
    assert expected == "notes.toml with udp.filter, udp.frames, tcp.request"
    assert actual.startswith("notes.toml, line ")
    assert words in actual


def test_endless_notes_are_not_read() -> None:
    with pytest.raises(Halted) as halted:
        desk(notes_toml=b"#" * (1 << 21)).read_toml("notes.toml", KEYS)
    assert "2097152 bytes" in halted.value.reason.actual


def test_selection_of_other_frames_than_ours_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = desk(a_pcap=pcap(ethernet(b"")))
    reader.read_capture("a.pcap")
    monkeypatch.setattr(wireshark, "select", lambda *_: Selected([1, 2]))
    with pytest.raises(HarnessFault, match="frame 2, of 1"):
        reader.select("ip")
