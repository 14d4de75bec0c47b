"""A file that somebody wrote by hand, and where in it something stands."""

from __future__ import annotations

import pytest

from pytest_netlab.grading.toml_text import TomlProblem, TomlText, kind_of

TEXT = b"""\
# notes
[udp]
frames = [1]

[tcp.more]
a . b = 2
["quoted"]
'key' = 3
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("udp",), 2),
        (("udp", "frames"), 3),
        (("udp", "missing"), 2),
        (("tcp", "more"), 5),
        (("tcp", "more", "a", "b"), 6),
        (("quoted", "key"), 8),
        (("nowhere",), 1),
    ],
)
def test_lines(key: tuple[str, ...], line: int) -> None:
    assert TomlText(TEXT).line_of(key) == line


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a = 1\nb = [\n", "line 2: not TOML"),
        (b"a = 1\n\xff = 2\n", "line 2: not UTF-8 (byte 6)"),
        (b"a = 1\na = 2\n", "line 2: not TOML"),
        (b"=", "line 1: not TOML"),
        (b"a = " + b"[" * 100_000, "line 1: not TOML"),
    ],
    ids=["open", "latin", "twice", "nothing", "deep"],
)
def test_problem_names_the_line(data: bytes, words: str) -> None:
    with pytest.raises(TomlProblem) as problem:
        TomlText(data)
    assert words in str(problem.value)
    assert len(str(problem.value)) < 300


@pytest.mark.parametrize(
    ("value", "name"),
    [("", "a string"), (True, "a truth value"), (1, "a number"), (1.5, "a number"), ([], "a list"), ({}, "a table")],
)
def test_kinds_have_plain_names(value: object, name: str) -> None:
    assert kind_of(value) == name
