"""What a failed assertion is taken to mean, and which octets it points at."""

from __future__ import annotations

import pytest

from pytest_netlab.grading.explain import Comparison, Stated, compare, explain
from pytest_netlab.wire import Checksum, Packets
from tests.unit.report.failures import FAILURES, NAMES, Clause, missing, recorded, tcp, udp, unreachable

CLAUSE = Clause("a-clause", "MUST", "A sentence.", "RFC 768", "A hint.")
PAYLOAD = 42  # offset of a UDP payload in these frames


def meant(op: str, left: object, right: object) -> Comparison:
    found = compare(op, left, right)
    assert found is not None
    return found


def texts(op: str, left: object, right: object) -> tuple[str, str]:
    found = meant(op, left, right)
    return found.expected, found.actual


def place(comparison: Comparison) -> tuple[str, int, int] | None:
    return comparison.span[:3] if comparison.span is not None else None


def handshake() -> Packets:
    return recorded(
        tcp((4000, 80), "S", 1000, 0),
        tcp((4000, 80), "SA", 5000, 1001, back=True),
        tcp((4000, 80), "R", 1001, 0),
    )


def payload(data: bytes) -> object:
    return recorded(udp(51234, 20000, data))[0].payload


def test_a_number_is_shown_in_decimal_and_at_the_field_s_width() -> None:
    found = meant("==", recorded(udp(51234, 20000, b"A"))[0].udp.length, 8 + 4)
    assert (found.expected, found.actual) == ("12 (0x000c)", "9 (0x0009)")
    assert place(found) == ("udp.length", 38, 2)


def test_the_operand_that_was_read_from_a_frame_is_the_actual_one() -> None:
    port = recorded(udp(51234, 20000, b"A"))[0].udp.dst_port
    assert texts("==", 8000, port) == ("8000 (0x1f40)", "20000 (0x4e20)")
    assert texts("<=", 30000, port) == ("at least 30000 (0x7530)", "20000 (0x4e20)")


def test_swapped_octets_are_called_that() -> None:
    port = recorded(udp(51234, 8270, b"A"))[0].udp.dst_port
    assert texts("==", port, 20000)[1] == "8270 (0x204e), the same bytes in the wrong order"


@pytest.mark.parametrize(
    ("sent", "wanted", "actual", "marked"),
    [
        (b"a", b"A", '61 "a" (1 byte)', (PAYLOAD, 1)),
        (b"A\n", b"A", '41 0a "A\\n" (2 bytes); 1 too many, from index 1: 0a', (PAYLOAD + 1, 1)),
        (b"ABxD", b"ABCD", '41 42 78 44 "ABxD" (4 bytes); index 2 is 78, not 43', (PAYLOAD + 2, 1)),
        (b"AxxD", b"ABCD", '41 78 78 44 "AxxD" (4 bytes); index 1 is 78, not 42', (PAYLOAD + 1, 2)),
        (b"AB", b"ABCD", '41 42 "AB" (2 bytes); ends 2 bytes early', (PAYLOAD, 2)),
        (b"", b"A", "nothing (0 bytes)", (PAYLOAD, 0)),
        (b"A\0", b"A", '41 00 "A\\x00" (2 bytes); 1 too many, from index 1: 00', (PAYLOAD + 1, 1)),
    ],
)
def test_octets_are_narrowed_to_what_differs(sent: bytes, wanted: bytes, actual: str, marked: tuple[int, int]) -> None:
    found = meant("==", payload(sent), wanted)
    assert found.actual == actual
    assert place(found) == ("udp.payload", *marked)


def test_long_octets_are_shown_around_the_difference() -> None:
    found = meant("==", payload(b"x" * 500 + b"?" + b"x" * 99), b"x" * 600)
    assert "shown from index 496" in found.actual
    assert "index 500 is 3f, not 78" in found.actual
    assert place(found) == ("udp.payload", PAYLOAD + 500, 1)


def test_flags_read_as_a_sequence() -> None:
    flags = [packet.tcp.flags for packet in handshake() if packet.tcp]
    found = meant("==", flags, ["S", "SA", "A"])
    assert (found.expected, found.actual) == ("S, SA, A", "S, SA, R; number 3 is R, not A")
    assert place(found) == ("tcp.flags", 47, 1)
    assert found.frame is not None
    assert found.frame.number == 3


def test_missing_and_surplus_items_are_named() -> None:
    flags = [packet.tcp.flags for packet in handshake() if packet.tcp]
    short = meant("==", flags[:2], ["S", "SA", "A"])
    assert short.actual == "S, SA; A missing at the end"
    assert (short.frame, short.near is not None) == (None, True)
    long = meant("==", flags, ["S", "SA"])
    assert long.actual == "S, SA, R; number 3 is one too many"
    assert place(long) == ("tcp.flags", 47, 1)


def test_addresses() -> None:
    source = recorded(udp(1, 2, b"", "10.77.0.2", "10.77.0.1"))[0].ipv4.source
    found = meant("==", source, "127.0.0.1")
    assert (found.expected, found.actual) == ("127.0.0.1", "10.77.0.2")
    assert place(found) == ("ipv4.source", 26, 4)


def test_the_other_frame_is_named_where_the_expected_value_came_from_one() -> None:
    asked, answer = recorded(udp(5000, 20000, b"A"), udp(20000, 6000, b"ABCD"))
    assert asked.udp is not None
    assert answer.udp is not None
    found = meant("==", answer.udp.dst_port, asked.udp.src_port)
    assert found.expected == "5000 (0x1388), as udp.src_port in frame 1"
    assert found.frame is answer.frame


@pytest.mark.parametrize(
    ("op", "left", "right", "expected", "actual"),
    [
        ("==", 2, 1, "1", "2"),
        ("==", None, 0, "0", "nothing"),
        ("is not", None, None, "something", "nothing"),
        ("!=", 20000, 20000, "anything but 20000", "20000"),
        (">=", 0, 1, "at least 1", "0"),
        ("in", 5, (0, 1), "one of 0, 1", "5"),
        ("in", 99, range(1024, 65536), "within 1024 to 65535", "99"),
        ("in", "8000", ["53", "80"], "8000 among them", "53, 80"),
        ("in", b"Host", b"GET /", '"Host" in it', '47 45 54 20 2f "GET /" (5 bytes)'),
        ("not in", "b", "abc", 'no "b" in it', '"abc"; "b" at index 1'),
        ("==", {1, 2}, {2, 3}, "2, 3", "1, 2; missing: 3; not expected: 1"),
        ("==", {"TCP": 4, "UDP": 1}, {"TCP": 3, "UDP": 1}, "TCP: 3", "TCP: 4"),
        ("==", {"TCP": 4}, {"TCP": 4, "UDP": 1}, "UDP: 1", "UDP: missing"),
        ("==", [1, 2], [], "nothing", "1, 2"),
        ("==", "Hullo\n", "Hello\n", '"Hello\\n"', '"Hullo\\n"'),
        ("is", Checksum.BAD, Checksum.GOOD, "good", "bad"),
        ("is not", Checksum.BAD, Checksum.BAD, "good", "bad"),
        ("in", Checksum.BAD, (Checksum.GOOD, Checksum.ABSENT), "one of good, absent", "bad"),
    ],
)
def test_plain_values(op: str, left: object, right: object, expected: str, actual: str) -> None:
    assert texts(op, left, right) == (expected, actual)


def test_octets_that_must_not_be_there_are_marked() -> None:
    found = meant("not in", b"\n", payload(b"GET /\n\n"))
    assert place(found) == ("udp.payload", PAYLOAD + 5, 1)


def test_what_is_no_comparison_is_left_alone() -> None:
    assert compare("+", 1, 2) is None


def test_a_bad_checksum_is_found_in_the_header_that_the_assertion_names() -> None:
    packets = recorded(udp(1, 2, b"A"), udp(12345, 8000, b"B", checksum=0x1234))
    found = explain(
        CLAUSE, meant("is", Checksum.BAD, Checksum.GOOD), packets, assertion="assert udp.checksum_state ..."
    )
    assert found.excerpt is not None
    assert (found.excerpt.frame, found.excerpt.marks[0].name) == (2, "udp.checksum")
    assert found.actual == "0x1234, bad"
    assert found.excerpt.marks[0].value == f"4660 (0x1234) bad, should be {found.expected[:6]}"


def test_a_near_miss_is_marked_in_what_it_missed() -> None:
    packets = recorded(udp(51234, 20000, b"A", destination="127.0.0.2"))
    found = explain(CLAUSE, missing(lambda: packets.udp.to(20000, "127.0.0.1").only), packets)
    assert found.excerpt is not None
    assert (found.excerpt.marks[0].name, found.excerpt.marks[0].value) == ("ipv4.destination", "127.0.0.2")
    assert "127.0.0.1" in found.expected
    assert found.excerpt.title.startswith("closest: ")


def test_of_two_the_second_is_one_too_many() -> None:
    packets = recorded(udp(51234, 20000, b"A"), udp(51234, 20000, b"A"))
    found = explain(CLAUSE, missing(lambda: packets.udp.to(20000).only), packets)
    assert found.ladder is not None
    assert [(step.frame, step.note) for step in found.ladder.steps if step.marked] == [(2, "one too many")]


def test_the_conversation_leaves_strangers_out() -> None:
    sent = udp(51234, 8270, b"A")
    packets = recorded(sent, udp(7, 9, b"noise"), unreachable(sent), udp(8270, 51234, b"answer"))
    found = explain(CLAUSE, meant("==", packets[0].payload, b"B"), packets)
    assert found.ladder is not None
    assert [step.frame for step in found.ladder.steps] == [1, 3, 4]
    assert found.ladder.steps[1].note == "nobody listens on port 8270"


def test_a_long_conversation_is_cut_around_the_fault() -> None:
    packets = recorded(*[udp(51234, 20000, bytes([n])) for n in range(50)])
    found = explain(CLAUSE, meant("==", packets[30].payload, b"A"), packets)
    assert found.ladder is not None
    assert [step.frame for step in found.ladder.steps] == list(range(23, 35))
    assert (found.ladder.omitted, found.ladder.omitted_before) == (38, 22)


def test_labels_tell_flags_and_numbers_relative_and_raw() -> None:
    found = explain(CLAUSE, Stated("a", "b"), handshake(), names=NAMES)
    assert found.ladder is not None
    assert [step.label for step in found.ladder.steps] == [
        "4000 → 80 S seq 0 (1000)",
        "80 → 4000 SA seq 0 (5000) ack 1 (1001)",
        "4000 → 80 R seq 1 (1001)",
    ]
    assert found.ladder.hosts == ("student 10.77.0.2", "scanme.nmap.org 10.77.0.81")
    assert found.ladder.steps[2].note.startswith("reset")
    assert [step.marked for step in found.ladder.steps] == [False, False, False]


def test_a_window_follows_a_fault_far_behind() -> None:
    packets = recorded(udp(51234, 20000, b"x" * 1000 + b"?"))
    found = explain(CLAUSE, meant("==", packets[0].payload, b"x" * 1001), packets)
    excerpt = found.excerpt
    assert excerpt is not None
    assert excerpt.data[excerpt.marks[0].offset - excerpt.start :] == b"?"
    assert (excerpt.start % 16, excerpt.length) == (0, PAYLOAD + 1001)


def test_only_the_tail_of_the_output_is_kept() -> None:
    found = explain(CLAUSE, Stated("a", "b"), recorded(), output=b"x" * 5000 + b"end")
    assert (len(found.output), found.output[-3:], found.output_omitted) == (4096, b"end", 907)


def test_a_frame_that_does_not_parse_is_shown_all_the_same() -> None:
    packets = recorded(udp(51234, 20000, b"A")[:30])
    found = explain(CLAUSE, meant("==", packets, []), packets)
    assert found.excerpt is not None
    assert found.excerpt.data == packets[0].frame.data
    assert found.excerpt.header == "Ethernet header, bytes 0 to 13"


@pytest.mark.parametrize(
    ("frames", "note"),
    [
        ([tcp((4000, 80), "A", 1, 1), tcp((4000, 80), "R", 1, 0, back=True)], "no SYN came from port 4000"),
        ([tcp((4000, 80), "S", 1, 0), tcp((4000, 80), "RA", 0, 2, back=True)], "nobody listens on port 80"),
        ([tcp((4000, 80), "S", 1, 0), tcp((4000, 80), "R", 2, 0)], "the sender aborts"),
        (
            [
                tcp((4000, 80), "S", 1, 0),
                tcp((4000, 80), "SA", 9, 2, back=True),
                tcp((5000, 80), "A", 2, 10),
                tcp((5000, 80), "R", 10, 0, back=True),
            ],
            "no SYN came from port 5000",
        ),
    ],
)
def test_a_reset_says_why(frames: list[bytes], note: str) -> None:
    packets = recorded(*frames)
    found = explain(CLAUSE, meant("==", packets[-1].tcp, None), packets)
    assert found.ladder is not None
    assert note in found.ladder.steps[-1].note


@pytest.mark.parametrize("name", ["wrong-byte", "wrong-port", "two-ports", "bad-checksum"])
def test_the_marked_octets_are_those_of_the_field(name: str) -> None:
    excerpt = FAILURES[name]().excerpt
    assert excerpt is not None
    mark = excerpt.marks[0]
    octets = excerpt.data[mark.offset - excerpt.start :][: mark.width]
    wanted = {
        "wrong-byte": b"a",
        "wrong-port": b"\x20\x4e",
        "two-ports": b"\xb6\x01",
        "bad-checksum": b"\x12\x34",
    }
    assert octets == wanted[name]


def test_packets_that_should_not_be_there() -> None:
    packets = handshake()
    assert texts("==", list(packets[2:]), []) == ("no such packet", f"frame 3: {packets[2].summary()}")
    assert texts("==", list(packets), [])[1] == "frame 1 (TCP S), frame 2 (TCP SA), frame 3 (TCP R)"
    assert meant("==", list(packets[2:]), []).frame == packets[2].frame


def test_nothing_found_is_the_actual_value_wherever_it_stands() -> None:
    packets = handshake()
    assert texts("==", [], [packets[0]]) == (f"frame 1: {packets[0].summary()}", "nothing")


def test_several_packets_are_told_by_number_and_flags() -> None:
    first, second, third = handshake()
    assert texts("==", [second, first], [first, second]) == (
        "frame 1 (TCP S), frame 2 (TCP SA)",
        "frame 2 (TCP SA), frame 1 (TCP S); number 1 is frame 2 (TCP SA), not frame 1 (TCP S)",
    )
    many = [*handshake(), *handshake(), *handshake()]
    assert texts("==", many, [])[1].endswith("and 3 more")
    datagrams = list(recorded(udp(51234, 20000, b"a"), udp(51234, 20000, b"")))
    assert texts("==", datagrams, [])[1] == "frame 1 (UDP 1 byte), frame 2 (UDP 0 bytes)"
    assert third.number == 3


def test_one_and_the_same_is_counted() -> None:
    expected, actual = texts("==", [b"\r\n", b"\n", b"\r\n"], [b"\r\n"] * 3)
    assert expected == '3 times 0d 0a "\\r\\n" (2 bytes)'
    assert "number 2 is 0a" in actual


def test_a_choice_of_texts_is_told_as_text() -> None:
    assert texts("in", payload(b"/set"), (b"/get", b"http://httpbin.org/get"))[0] == (
        'one of "/get", "http://httpbin.org/get"'
    )
    assert (
        texts("in", payload(b"/set"), (b"/get", b"\x00"))[0]
        == 'one of 2f 67 65 74 "/get" (4 bytes), 00 "\\x00" (1 byte)'
    )
