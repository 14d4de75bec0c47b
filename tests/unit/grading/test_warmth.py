"""What a program begins with, read from its code."""

from __future__ import annotations

import pytest

from pytest_netlab.grading.warmth import modules_of
from pytest_netlab.lab.snapshot import Entry, Snapshot


def files(**sources: str) -> Snapshot:
    return Snapshot(
        tuple(Entry(f"{name}.py".encode(), "file", data=source.encode()) for name, source in sources.items())
    )


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import socket", ()),
        ("from scapy.all import *", ("scapy.all",)),
        ("import scapy.all as s", ("scapy.all",)),
        ("from scapy.layers.inet import IP\nfrom scapy.sendrecv import sr1", ("scapy.layers.inet", "scapy.sendrecv")),
        ("from scapy.layers import inet", ("scapy.layers.inet",)),
        ("from scapy import all as everything", ("scapy.all",)),
        ("import socket, scapy.config", ("scapy.config",)),
        ("try:\n    from scapy.all import *\nexcept ImportError:\n    raise SystemExit(1)", ("scapy.all",)),
        ("def main():\n    from scapy.all import *", ()),
        ("if __name__ == '__main__':\n    import scapy.all", ()),
        ("try:\n    import socket\nexcept ImportError:\n    import scapy.all", ()),
        ("from scapy.contrib.mqtt import MQTT", ()),
        ("import scapy.tools.UTscapy", ()),
        ("__import__('scapy.all')", ()),
        ("from . import scapy.all", ()),
        ("def broken(:", ()),
        ("\0", ()),
        ("", ()),
    ],
)
def test_modules_of_a_file(source: str, modules: tuple[str, ...]) -> None:
    assert modules_of(files(program=source), "program.py") == modules


def test_its_own_modules_are_read_too_and_those_of_other_programs_are_not() -> None:
    submission = files(
        program="import helper",
        helper="import program\nfrom scapy.layers.dns import DNS",
        other="from scapy.all import *",
    )
    assert modules_of(submission, "program.py") == ("scapy.layers.dns",)


def test_a_package_of_its_own_is_read() -> None:
    package = Snapshot((Entry(b"tools", "directory"), Entry(b"tools/__init__.py", "file", data=b"import scapy.all")))
    both = Snapshot((*files(program="import tools").entries, *package.entries))
    assert modules_of(both, "program.py") == ("scapy.all",)


def test_no_such_file() -> None:
    assert modules_of(Snapshot(), "program.py") == ()


def test_code_that_warns_when_it_is_read() -> None:
    source = "pattern = '\\d'\nimport scapy.all"
    assert modules_of(files(program=source), "program.py") == ("scapy.all",)
