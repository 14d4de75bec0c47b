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


NAMED_BY_A_FIXTURE = '''
import pytest
from pytest_netlab import Packet


@pytest.fixture
def word(one_run: Evidence) -> Packet:
    """The datagram."""
    return one_run.udp.to(7001).first


@program.must("first-sends", reference="7.1", hint="send")
def test_sends(word: Packet) -> None:
    """The program sends a word."""
    assert word
'''


def of_a_fixture(project: Project) -> None:
    """A suite whose only clause, the ground, looks at a packet and never names the evidence that it comes from."""
    suite = project.path / "suites" / "test_first.py"
    head = suite.read_text().split("@program.must")[0]
    suite.write_text(head + NAMED_BY_A_FIXTURE)


def test_a_missing_program_is_said_to_be_missing_whatever_the_clause_looks_at(project: Project) -> None:
    of_a_fixture(project)
    project.solution("none")
    result = project.grade("none", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert project.outcomes() == {"first-sends": "failed"}
    result.stdout.fnmatch_lines(["*none found; looked for netlab.toml*"])


def test_a_fault_of_the_grader_is_no_missing_packet(project: Project) -> None:
    of_a_fixture(project)
    suite = project.path / "suites" / "test_first.py"
    suite.write_text(suite.read_text().replace("stage.await_end(20)", "raise OSError('disk full')"))
    project.grade("good", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert project.outcomes() == {"first-sends": "broken"}
