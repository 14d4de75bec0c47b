"""The parts of the page that are values: bytes tied to fields, a drawing's places, links, captures."""

from __future__ import annotations

import base64
import os
from itertools import pairwise
from pathlib import Path

import pytest

from pytest_netlab.grading.explanation import Excerpt, FieldRow, Ladder, Step
from pytest_netlab.report.html import captures
from pytest_netlab.report.html.ladder import GUTTER, MOST_HOSTS, draw, told
from pytest_netlab.report.html.octets import octets
from pytest_netlab.report.html.references import pieces
from pytest_netlab.report.html.words import points, size
from tests.unit.report.failures import FAILURES


@pytest.mark.parametrize(
    ("reference", "links"),
    [
        ("RFC 768, Length", {"RFC 768": "768.html"}),
        ("RFC 9293 §3.3.1, §3.5", {"RFC 9293 §3.3.1": "9293.html#section-3.3.1", "§3.5": "9293.html#section-3.5"}),
        ("RFC 9112 §9.6 and §6.3", {"RFC 9112 §9.6": "9112.html#section-9.6", "§6.3": "9112.html#section-6.3"}),
        ("RFC 791 §3.1; RFC 826", {"RFC 791 §3.1": "791.html#section-3.1", "RFC 826": "826.html"}),
        ("Exercise 2.2", {}),
        ("capabilities(7)", {}),
        ("§3.5 of what?", {}),
        ("", {}),
    ],
)
def test_references_are_links_to_sections(reference: str, links: dict[str, str]) -> None:
    found = pieces(reference)
    assert "".join(piece.text for piece in found) == reference
    assert {piece.text: piece.address for piece in found if piece.address} == {
        text: f"https://www.rfc-editor.org/rfc/rfc{place}" for text, place in links.items()
    }


def test_every_byte_stands_once_and_in_its_place() -> None:
    shown = FAILURES["two-ports"]().excerpt
    assert shown is not None
    seen = octets(shown)
    halves = [half for line in seen.lines for half in line if half is not None]
    assert b"".join(bytes.fromhex(run.octets) for half in halves for run in half.runs) == shown.data
    at = 0
    for half in halves:
        assert half.offset == at
        for run in half.runs:
            for offset in range(at, at + len(run.text)):
                inside = [n for n, row in enumerate(shown.fields) if row.offset <= offset < row.offset + row.width]
                assert list(run.fields) == inside
                assert run.wrong == (34 <= offset < 36)
            at += len(run.text)
    assert at == len(shown.data)
    assert seen.marked == "tcp.src_port at byte 34"


def test_fields_that_share_a_byte_share_its_run() -> None:
    shown = FAILURES["two-ports"]().excerpt
    assert shown is not None
    runs = [run for line in octets(shown).lines for half in line if half for run in half.runs]
    (shared,) = [run for run in runs if len(run.fields) > 1]
    assert (shared.octets, shared.names) == ("50", "data_offset, reserved")


def test_a_window_keeps_its_offsets_and_says_what_is_left_out() -> None:
    row = FieldRow("http.body", 1043, 2, "x", True)
    seen = octets(Excerpt(9, "t", bytes(20), (row,), "HTTP", (row,), 1024, 1500))
    assert (seen.before, seen.after) == (1024, 456)
    assert [half.offset for line in seen.lines for half in line if half] == [1024, 1032, 1040]
    (wrong,) = [run for line in seen.lines for half in line if half for run in half.runs if run.wrong]
    assert wrong.octets == "00"  # of two bytes the window holds one
    assert octets(Excerpt(1, "t", b"", (), "", ())).lines[0][0].runs == ()


@pytest.mark.parametrize(("length", "halves"), [(42, 6), (48, 7)])
def test_an_empty_field_has_a_place_behind_the_last_byte(length: int, halves: int) -> None:
    row = FieldRow("udp.payload", length, 0, "empty", True)
    seen = octets(Excerpt(1, "t", bytes(length), (row,), "UDP", (row,), 0, length))
    told = [half for line in seen.lines for half in line if half]
    assert len(told) == halves
    last = told[-1].runs[-1]
    assert (last.octets, last.fields, last.names, last.wrong) == ("__", (0,), "udp.payload: empty", True)


def step(source: str, destination: str, label: str = "x", **more: str) -> Step:
    return Step(1, 0.0, source, destination, label, False, **more)


def test_arrows_run_between_their_hosts_and_downwards() -> None:
    conversation = FAILURES["two-ports"]().ladder
    assert conversation is not None
    drawing = draw(conversation)
    at = {f"{host.name} {host.address}": host.x for host in drawing.hosts}
    assert [(arrow.start, arrow.end) for arrow in drawing.arrows] == [
        (at[each.source], at[each.destination]) for each in conversation.steps
    ]
    ys = [arrow.y for arrow in drawing.arrows]
    assert ys == sorted(set(ys))
    assert max(ys) < drawing.height
    assert all(GUTTER < host.x < drawing.width for host in drawing.hosts)
    assert [arrow.step.fate for arrow in drawing.arrows] == ["", "", "", "reset"]


def test_a_bad_checksum_is_shown_as_dropped() -> None:
    conversation = FAILURES["bad-checksum"]().ladder
    assert conversation is not None
    (only,) = conversation.steps
    assert only.fate == "dropped"
    assert told(only).count("dropped by the receiver") == 1
    assert told(step("a", "b", note="dropped by the receiver: so", fate="dropped")) == "dropped by the receiver: so"


def test_a_label_is_cut_to_its_arrow() -> None:
    hosts = tuple(f"h{n}" for n in range(4))
    drawing = draw(Ladder(hosts, tuple(step(a, b, "w" * 90) for a, b in pairwise(hosts))))
    assert {len(arrow.label) < 90 and arrow.label.endswith("…") for arrow in drawing.arrows} == {True}
    assert drawing.width <= 1000


def test_a_host_that_talks_to_itself_has_room_for_it() -> None:
    drawing = draw(Ladder(("a",), (step("a", "a", "ICMP"),)))
    assert drawing.arrows[0].to_itself
    assert drawing.width > drawing.hosts[0].x + 100


def test_too_many_hosts_are_a_list() -> None:
    hosts = tuple(f"h{n}" for n in range(MOST_HOSTS + 1))
    drawing = draw(Ladder(hosts, tuple(step("h0", each) for each in hosts[1:])))
    assert (drawing.hosts, len(drawing.steps)) == ((), MOST_HOSTS)


def test_small_captures_are_inside_larger_ones_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, length in (("small", 10), ("most", captures.LARGEST), ("javascript:x y#", captures.LARGEST + 1)):
        (tmp_path / name).write_bytes(os.urandom(length))
    (tmp_path / "out").mkdir()
    paths = ("small", "most", "javascript:x y#", "nowhere", "", str(tmp_path / "small"))
    kept = captures.gather(paths, page=tmp_path / "out" / "report.html", relative_to=tmp_path)
    assert set(kept) == set(filter(None, paths))
    for name in ("small", "most", str(tmp_path / "small")):
        head, _, data = kept[name].inside.partition(",")
        assert head == "data:application/x-pcapng;base64"
        assert base64.b64decode(data) == (tmp_path / name).read_bytes()
    assert kept["javascript:x y#"].beside == "../javascript%3Ax%20y%23"
    assert kept["javascript:x y#"].inside == ""
    assert kept["nowhere"] == captures.Kept(0)
    beside = captures.gather(["javascript:x y#"], page=tmp_path / "report.html", relative_to=tmp_path)
    assert beside["javascript:x y#"].beside == "./javascript%3Ax%20y%23"
    monkeypatch.setattr(captures, "ALL", captures.LARGEST + 5)
    kept = captures.gather(("most", "small"), page=tmp_path / "report.html", relative_to=tmp_path)
    assert [bool(each.inside) for each in kept.values()] == [True, False]


def test_numbers_are_words_that_people_read() -> None:
    assert [points(each) for each in (0.0, 1.5, 41.0)] == ["0", "1.5", "41"]
    assert [size(each) for each in (1, 804, 1380, 9_400_000)] == ["1 byte", "804 bytes", "1.4 kB", "9.4 MB"]
