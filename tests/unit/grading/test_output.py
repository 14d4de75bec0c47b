"""What a program printed is read in whatever spelling it likes."""

from __future__ import annotations

import pytest

from pytest_netlab.grading.output import find, first_not_in_order, plain, shows, shows_despite_progress, shows_number

NOT_TEXT = b"\xff\xfe\x80\xc3\x28"


@pytest.mark.parametrize(
    "printed",
    [
        b"ABCD",
        b"got: ABCD\n",
        b"b'ABCD'",
        b"'ABCD'",
        b"41424344",
        b"41 42 43 44",
        b"41:42:43:44",
        b"\x1b[1;32mABCD\x1b[0m",
        b"\x1b[2KAB\x1b[31mCD",
        b"ABCD\r",
        b"\rABCD",
    ],
)
def test_text_is_seen(printed: bytes) -> None:
    assert shows(printed, b"ABCD")


@pytest.mark.parametrize("printed", [b"", b"abcd", b"A B C D", b"ABC D", b"4142 4344", b"ABC\nD", b"DCBA"])
def test_something_else_is_not(printed: bytes) -> None:
    assert not shows(printed, b"ABCD")


@pytest.mark.parametrize(
    "printed",
    [
        NOT_TEXT,
        repr(NOT_TEXT).encode(),
        b"fffe80c328",
        b"FFFE80C328",
        b"FF FE 80 C3 28",
        b"ff:fe:80:c3:28",
        NOT_TEXT.decode("utf-8", "replace").encode(),
    ],
)
def test_bytes_that_are_no_text_are_seen(printed: bytes) -> None:
    assert shows(b"from a client: " + printed + b"\n", NOT_TEXT)


def test_beyond_ascii_as_text_and_as_repr() -> None:
    payload = "naïve ☃".encode()
    assert shows(payload, payload)
    assert shows(repr(payload).encode(), payload)
    assert shows(repr("naïve ☃").encode(), payload)


def test_line_ends_of_a_payload_may_be_shown_as_they_are() -> None:
    assert shows(b"one\ntwo", b"one\ntwo")
    assert shows(b"b'one\\ntwo'", b"one\ntwo")


@pytest.mark.parametrize("payload", [b"one\r\ntwo", b"line\r\n"])
def test_carriage_returns_of_a_payload_survive_reading(payload: bytes) -> None:
    assert shows(payload, payload)
    assert shows(repr(payload).encode(), payload)


def test_an_empty_payload_is_always_shown() -> None:
    assert shows(b"", b"")
    assert find(b"abc", b"", 2) == 2


def test_first_place_of_any_spelling_counts() -> None:
    assert find(b"4142 AB", b"AB") == 0
    assert find(b"4142 AB", b"AB", 1) == 5
    assert find(b"4142 AB", b"AB", 6) == -1


@pytest.mark.parametrize(("printed", "expected"), [
    (b"port 20000", True), (b"20000", True), (b"('127.0.0.1', 20000)", True), (b"127.0.0.1:20000\n", True),
    (b"\x1b[31m20000\x1b[0m", True), (b"120000", False), (b"200001", False), (b"2000", False), (b"", False),
])  # fmt: skip
def test_numbers_stand_alone(printed: bytes, expected: bool) -> None:
    assert shows_number(printed, 20000) is expected


def test_order_of_what_is_shown() -> None:
    output = b"first\nsecond\nthird\n"
    assert first_not_in_order(output, [b"first", b"second", b"third"]) is None
    assert first_not_in_order(output, [b"second", b"first"]) == b"first"
    assert first_not_in_order(output, [b"first", b"first"]) == b"first"
    assert first_not_in_order(b"first first", [b"first", b"first"]) is None
    assert first_not_in_order(output, []) is None


def test_colours_go_and_status_lines_become_lines() -> None:
    assert plain(b"10%\r20%\r\n\x1b[?25lend\x1b[0K") == b"10%\n20%\nend"


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        (b"body of the page: end-1f2e\n", True),
        (b"body of the page: en\r-   92%[=====>  ]  256  1KB/s    d-1f2e\n", True),
        (b"e\r 10%  n\r 20%  d-1f2\r 99%  e", True),
        (repr(b"\xff end-1f2e").encode(), True),
        (b"65 6E 64 2D 31 66 32 65", True),
        (b"end-1f2", False),
        (b"e\n n\n d\n -\n 1\n f\n 2\n e", True),
        (b"b'e'\r\nb'nd-1'\r\nb'f2e'", True),
        (b"chunk of 1: e\nchunk of 6: nd-1f2\nchunk of 1: e\n", True),
        (b"e\n n\n d\n -\n 1\n f\n 2\n", False),
        (b"end of line\nnew -\n1\nf\n2\nextra", False),
        (b"e n d - 1 f 2 e", False),
    ],
)
def test_word_is_shown_despite_progress_lines(output: bytes, shown: bool) -> None:
    assert shows_despite_progress(output, b"end-1f2e") is shown
