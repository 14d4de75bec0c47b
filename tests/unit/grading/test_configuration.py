"""netlab.toml: what it may say, and that whatever else it says is refused with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_netlab.errors import UsageError
from pytest_netlab.grading.configuration import Configuration, parse

PATH = Path("somewhere/netlab.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Configuration()),
        ("# nothing\n", Configuration()),
        ('[programs]\nudp_server = ["perl", "server.pl"]\n', Configuration({"udp_server": ("perl", "server.pl")})),
        ('programs.a = ["x", ""]\n', Configuration({"a": ("x", "")})),
        ('programs = { a = ["x"] }\n', Configuration({"a": ("x",)})),
        ("[programs]\n", Configuration()),
        ('[build]\ncommand = ["make", "-j2"]\n', Configuration(build=("make", "-j2"))),
        ('[python]\ninterpreter = "pypy3"\n', Configuration(interpreter="pypy3")),
        ('[programs]\r\na = ["é"]\r\n', Configuration({"a": ("é",)})),
    ],
)
def test_what_it_may_say(text: str, expected: Configuration) -> None:
    assert parse(PATH, text.encode()) == expected


@pytest.mark.parametrize(
    ("text", "line", "key", "problem"),
    [
        ("[programs]\nudp_server = 3\n", 2, "programs.udp_server", "not a number"),
        ('[programs]\na = ["x"]\nudp_server = "python x"\n', 3, "programs.udp_server", "not a string"),
        ('[programs]\nudp_server = ["a", 3]\n', 2, "programs.udp_server", "a word is a string, and not a number"),
        ('[programs]\n\n"udp_server" = []\n', 3, "programs.udp_server", "at least one word"),
        ('[programs]\nudp_server = [""]\n', 2, "programs.udp_server", "not empty"),
        ('[programs]\na = ["x\\u0000"]\n', 2, "programs.a", "NUL"),
        ('programs . a = ["x"]\nprograms.b = true\n', 2, "programs.b", "not a truth value"),
        ("programs = { a = 1979-05-27 }\n", 1, "programs.a", "not a date or time"),
        ('[program]\na = ["x"]\n', 1, "program", "no such table; there are build, programs, python"),
        ('\n[programs]\n[build]\ncmd = ["make"]\n', 4, "build.cmd", "no such key; there is command"),
        ('[build]\ncommand = ["make"]\nshell = true\n', 3, "build.shell", "no such key; there is command"),
        ('[build]\ncommand = "make"\n', 2, "build.command", "not a string"),
        ("[build] # soon\n", 1, "build", "the key command is missing"),
        ("build = 3\n", 1, "build", "not a number"),
        ("[[build]]\n", 1, "build", "not a list"),
        ('[programs]\ncommand = ["x"]\n[build]\ncommand = []\n', 4, "build.command", "at least one word"),
        ("[python]\ninterpreter = {}\n", 2, "python.interpreter", "not a table"),
        ('[python]\ninterpreter = ""\n', 2, "python.interpreter", "not empty"),
    ],
)
def test_what_is_refused(text: str, line: int, key: str, problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(PATH, text.encode())
    message = str(refused.value)
    assert message.startswith(f"{PATH}, line {line}: {key}: ")
    assert problem in message


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ('[programs]\na = ["x"\n', 2, "'a = [\"x\"'"),
        ('[programs]\na = ["x"]\na = ["y"]\n', 3, "'a = [\"y\"]'"),
        ('[programs]\n\na = "x\nb = 3', 3, "'a = \"x'"),
        ("not toml", 1, "'not toml'"),
        ("=", 1, "'='"),
    ],
)
def test_what_is_no_toml(text: str, line: int, shown: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(PATH, text.encode())
    assert str(refused.value).startswith(f"{PATH}, line {line}: not TOML: ")
    assert str(refused.value).endswith(shown)


def test_what_is_no_text() -> None:
    with pytest.raises(UsageError, match=r"netlab\.toml, line 3: not UTF-8 \(byte 17\)"):
        parse(PATH, b'[programs]\n\na = "\xff"\n')
