"""Clauses that build on several others, that look at packets which are not there, and that have words of their own."""

from __future__ import annotations

from tests.plugin.conftest import GOOD, Project

MORE = '''
import pytest
from pytest_netlab import Packet


@pytest.fixture
def answer(one_run: Evidence) -> Packet:
    """A datagram that nobody sent."""
    return one_run.udp.sent_from(7001).first


@program.must("first-answer", reference="7.1", hint="answer")
def test_answer(answer: Packet) -> None:
    """There is an answer."""
    assert answer


@program.must("first-both", builds_on=("first-word", "first-answer"), reference="7.1", hint="both")
def test_both() -> None:
    """It is both right and answered."""


@program.must("first-port", builds_on=("first-sends", "first-word"), reference="7.1", hint="port")
def test_port(one_run: Evidence) -> None:
    """The port is 7001."""
    assert one_run.udp[0].udp.dst_port == 7002, "and nobody listens there"
'''


def test_a_clause_is_blocked_by_any_of_its_grounds(project: Project) -> None:
    suite = project.path / "suites" / "test_first.py"
    suite.write_text(suite.read_text() + MORE)
    project.solution("one", first=GOOD.format(port=7001))
    result = project.grade("one", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    outcomes = project.outcomes()
    assert (outcomes["first-word"], outcomes["first-answer"]) == ("passed", "failed")
    assert (outcomes["first-both"], outcomes["first-port"]) == ("blocked", "failed")
    result.stdout.no_fnmatch_line("*ERROR at setup*")
    result.stdout.fnmatch_lines(
        [
            "*expected    a UDP datagram from port 7001 *",
            "*expected    7002 (0x1b5a)",
            "*actual      7001 (0x1b59); and nobody listens there",
            "*asserted    assert one_run.udp[[]0].udp.dst_port == 7002",
        ]
    )
