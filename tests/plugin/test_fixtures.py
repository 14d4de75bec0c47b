"""The fixtures in a test that knows nothing of exercises, and what the plugin costs where nobody uses it."""

from __future__ import annotations

import sys

import pytest

from tests.machines import on_a_machine

USING_THEM = '''
import socket

def test_two_hosts_and_a_capture(lab, wire):
    """Sockets of both hosts in plain test code, and every frame between them."""
    server = lab.internet.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((lab.internet.address, 5000))
    client = lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.sendto(b"hello", (lab.internet.address, 5000))
    assert server.recv(100) == b"hello"
    assert wire.stop().udp.to(5000).only.payload == b"hello"

def test_a_program(run_program, tmp_path):
    (tmp_path / "hello.py").write_text("print('hello')")
    program = run_program("python3", "hello.py", directory=tmp_path)
    assert program.wait(20)
    assert (program.status, program.output) == (0, b"hello\\n")

def test_a_program_and_a_server(run_program, udp_server):
    code = f"import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.sendto(b'hi', {udp_server.address!r})"
    run_program("python3", "-c", code)
    assert udp_server.wait_for(1, 10)
    assert [datagram.data for datagram in udp_server.received] == [b"hi"]

def test_programs_end_with_the_test(run_program):
    assert run_program("cat").running

def test_labs_are_apart(lab):
    lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("", 20000))
    assert b":4E20" in lab.student.read_net("udp")

def test_labs_are_apart_indeed(lab):
    assert b":4E20" not in lab.student.read_net("udp")
'''

COUNTING_IMPORTS = """
import sys

def test_nothing_heavy_is_loaded():
    heavy = {"scapy", "pyshark", "pyroute2", "jinja2", "asyncio", "rich"}
    assert {name.split(".")[0] for name in sys.modules} & heavy == set()
    assert {name for name in sys.modules if name.startswith("pytest_netlab.lab")} == set()
"""


def run(pytester: pytest.Pytester, *options: str, before: tuple[str, ...] = ()) -> pytest.RunResult:
    return pytester.run(*before, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, timeout=120)


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_they_work_in_any_test(pytester: pytest.Pytester, spread: tuple[str, ...]) -> None:
    pytester.makepyfile(USING_THEM)
    result = run(pytester, "-W", "error", *spread)
    result.assert_outcomes(passed=6)
    result.stdout.no_fnmatch_line("netlab: *")


def test_where_there_is_no_lab_they_skip_with_the_reason(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USING_THEM)
    result = run(pytester, "-rs", before=tuple(on_a_machine("user/max_user_namespaces")))
    result.assert_outcomes(skipped=6)
    result.stdout.fnmatch_lines(["SKIPPED * no lab on this machine: *No space left on device*"])


def test_an_unused_plugin_loads_next_to_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(COUNTING_IMPORTS)
    run(pytester, "-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_fixtures_are_listed_with_what_they_are(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("")
    result = run(pytester, "--fixtures", "-q")
    for name in ("lab", "wire", "run_program", "udp_server", "tcp_server", "raw_socket", "scapy_sender"):
        result.stdout.fnmatch_lines([f"{name} --*", "    ?*"])
    result.stdout.no_fnmatch_line("*no docstring available*")


def test_options_are_listed(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--help")
    for option in ("--netlab-solutions=DIR", "--netlab-capture", "--netlab-json=FILE", "netlab_capture (string):"):
        assert option in result.stdout.str()
