"""The hex dump and the ladder, each alone: what they keep, and what they leave out when room is short."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_netlab.grading.explanation import Excerpt, Explanation, FieldRow, Ladder, Step
from pytest_netlab.report.hexdump import hexdump
from pytest_netlab.report.ladder import ladder
from pytest_netlab.report.style import Style
from pytest_netlab.report.terminal import LINES, render

STYLE = Style(width=80)


def mark(offset: int, width: int) -> FieldRow:
    return FieldRow("udp.payload", offset, width, "value", True)


def test_carets_stand_below_the_octets_they_mean() -> None:
    row, carets = hexdump(bytes(range(0x60, 0x70)), [mark(7, 2)], STYLE)
    assert row.startswith("0000  60 61")
    assert [row[at : at + 2] for at in range(6, len(carets)) if carets[at : at + 2] == "^^"] == ["67", "68"]
    assert carets.endswith("^^ udp.payload: value")


def test_a_mark_over_two_lines_is_named_once() -> None:
    drawn = hexdump(bytes(40), [mark(15, 2)], STYLE)
    assert [line.count("^^") for line in drawn] == [0, 1, 0, 1, 0]
    assert "\n".join(drawn).count("udp.payload") == 1


def test_a_long_dump_keeps_the_lines_near_the_mark() -> None:
    drawn = hexdump(bytes(160), [mark(100, 1)], STYLE, rows=3)
    assert [line[:4] for line in drawn] == ["…   ", "0050", "0060", "    ", "0070", "…   "]
    assert (drawn[0], drawn[-1]) == ("…     80 bytes", "…     32 bytes")


def test_a_window_tells_what_lies_before_and_behind_it() -> None:
    drawn = hexdump(bytes(32), [], STYLE, start=0x200, length=1000)
    assert (drawn[0], drawn[-1]) == ("…     512 bytes", "…     456 bytes")
    assert drawn[1].startswith("0200")


def test_an_empty_field_is_marked_where_it_would_begin() -> None:
    drawn = hexdump(bytes(16), [mark(16, 0)], STYLE)
    assert drawn[1:] == ["0010", "      ^^ udp.payload: value"]


def test_a_note_without_room_goes_below() -> None:
    long = FieldRow("udp.payload", 15, 1, "v" * 60, True)
    carets, note = hexdump(bytes(16), [long], STYLE)[1:]
    assert carets.strip() == "^^"
    assert note.strip() == f"udp.payload: {'v' * 60}"


def step(number: int, source: str = "a", destination: str = "b", *, marked: bool = False, label: str = "x") -> Step:
    return Step(number, number / 1000, source, destination, label, marked)


def test_arrows_point_from_sender_to_receiver() -> None:
    there, back = ladder(Ladder(("a", "b"), (step(1), step(2, "b", "a"))), STYLE)[1:]
    assert there.index("── x ──") < there.index("▶│")
    assert back.index("│◀─ x ──") < back.rindex("│")


def test_steps_left_out_are_counted_on_both_sides() -> None:
    told = Ladder(("a", "b"), tuple(step(n, marked=n == 30) for n in range(21, 33)), 37, 20)
    drawn = ladder(told, STYLE, steps=4)
    assert drawn[1].strip() == "… 27 frames omitted"
    assert drawn[-1].strip() == "… 18 frames omitted"
    assert [line for line in drawn if line.startswith("✗ 30")] != []
    assert len(drawn) == 1 + 1 + 4 + 1


def test_a_label_too_long_for_its_arrow_stands_above_it() -> None:
    hosts = ("a", "b", "c")
    drawn = ladder(Ladder(hosts, (step(1, "a", "c"), step(2, "b", "c", label="long " * 6))), STYLE)
    assert "long long" in drawn[2]
    assert "▶" not in drawn[2]
    assert drawn[3].endswith("▶│")


def test_many_hosts_make_a_list() -> None:
    hosts = tuple("abcdefg")
    drawn = ladder(Ladder(hosts, tuple(step(n, "a", host) for n, host in enumerate(hosts[1:], 1))), STYLE)
    assert drawn[0] == "  1  0.001000  a → b  x"


def test_a_host_that_talks_to_itself() -> None:
    drawn = ladder(Ladder(("a",), (step(1, "a", "a", label="to itself"),)), STYLE)
    assert drawn[1] == "  1  0.001000  │ ↺ to itself"


def crowded() -> Explanation:
    """A failure of which every part wants more room than there is."""
    fields = tuple(FieldRow(f"tcp.field{n}", n, 1, "value", n == 15) for n in range(20))
    steps = tuple(replace(step(n, marked=n == 6, label="long " * 12), note="a note") for n in range(12))
    return Explanation(
        *("a-clause", "MUST", "sentence " * 80, "RFC 768", "hint " * 100, "expected " * 90, "actual " * 90),
        excerpt=Excerpt(7, "title", bytes(256), (mark(100, 40),), "TCP header", fields, 0, 256),
        ladder=Ladder(("a", "b"), steps, 0, 0),
        output=b"line\n" * 500,
        ending="ended by itself, exit status 0",
        capture="c.pcapng",
        assertion="assert " * 60,
    )


def test_a_crowded_failure_keeps_every_part_within_its_lines() -> None:
    drawn = render(crowded(), width=80).split("\n")
    assert len(drawn) <= LINES
    labels = [line[:12].strip() for line in drawn]
    order = ["expected", "actual", "asserted", "frame 7", "conversati", "the progra", "capture"]
    order += ["reference", "hint"]
    seen = [part for label in labels for part in order if label.startswith(part)]
    assert seen == order
    assert [line for line in drawn if line.startswith(("✗ ", "  ✗ "))] == [drawn[0], *_wrong(drawn)]
    assert len(_wrong(drawn)) == 2


def _wrong(drawn: list[str]) -> list[str]:
    return [line for line in drawn if line.startswith("  ✗ ")]


def test_lines_behind_the_limit_are_cut_off() -> None:
    drawn = render(crowded(), width=80, max_lines=10).split("\n")
    assert drawn[0] == "✗ a-clause  MUST"
    assert len(drawn) == 10
