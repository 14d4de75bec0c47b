"""A program that sends more than a capture may hold: its own fault, said as such, and never "nothing seen"."""

from __future__ import annotations

import pytest

from pytest_netlab import read_capture
from tests.plugin.conftest import GOOD, Project, usage_error

FLOOD = """
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    sender.sendto(b"word", ("127.0.0.1", 9))
"""

TWO_RUNS = '''
@program.scenario
def another_run(stage: Stage) -> None:
    stage.start()
    stage.await_end(20)


@program.must("first-again", reference="7.1", hint="sendto()")
def test_again(another_run: Evidence) -> None:
    """The program sends again."""
    assert another_run.udp.to(7001).first


@program.must("first-once", reference="7.1", hint="sendto()")
def test_once(another_run: Evidence) -> None:
    """The program sends once."""
    assert len(another_run.udp.to(7001)) == 1
'''

PEER_FLOODS = """
@program.scenario
def one_run(stage: Stage) -> None:
    stage.start()
    sender = stage.udp_socket("8.8.8.8", host=stage.internet)
    stage.student.socket(2, 2).bind(("10.77.0.2", 9))
    for _ in range(20_000):
        sender.sendto(b"the grader's own", ("10.77.0.2", 9))
    stage.finish()
"""


@pytest.fixture
def capped(project: Project) -> Project:
    """Captures hold 1 MiB."""
    project.pytester.makeini("[pytest]\nnetlab_capture_limit = 1\n")
    return project


def test_a_flood_fails_the_ground_and_blocks_the_rest(capped: Project) -> None:
    capped.solution("flood", first=FLOOD, second=GOOD.format(port=7002))
    result = capped.grade("flood", f"--netlab-json={capped.result_file}")
    result.stdout.fnmatch_lines(["*the program was ended by the grader after * s (limit:capture)"])
    assert capped.outcomes() == {
        "first-sends": "failed", "first-word": "blocked", "first-quiet": "blocked",
        "second-sends": "passed", "second-word": "passed", "second-quiet": "passed",
    }  # fmt: skip
    ground = capped.result()["exercises"][0]["clauses"][0]
    assert ground["expected"] == "a run that fits into a capture of 1 MiB"
    assert ground["actual"].startswith("limit:capture: ")
    assert "the program flooded the wire and was ended" in ground["actual"]
    kept = list(read_capture(capped.path / ground["capture"]))
    assert len(kept) == 5000
    assert kept[0].data.endswith(b"word")
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_flood_is_judged_again_from_its_capture(capped: Project) -> None:
    capped.solution("flood", first=FLOOD)
    capped.grade("flood", "--netlab-exercise=7.1", f"--netlab-json={capped.result_file}")
    live = capped.result()["exercises"][0]["clauses"][0]
    replay = ["--netlab-exercise=7.1", "--netlab-replay=captures/runs", f"--netlab-json={capped.result_file}"]
    capped.grade("flood", *replay, "--netlab-capture-dir=again")
    again = capped.result()["exercises"][0]["clauses"][0]
    assert (again["outcome"], again["actual"]) == ("failed", live["actual"])


def test_the_graders_own_flood_is_broken(capped: Project) -> None:
    suite = capped.path / "suites" / "test_first.py"
    before, _, behind = suite.read_text().partition("@program.scenario")
    suite.write_text(before + PEER_FLOODS.strip() + "\n\n\n@program.must" + behind.partition("@program.must")[2])
    capped.solution("idle", first="import time\ntime.sleep(60)\n")
    result = capped.grade("idle", "--netlab-exercise=7.1", f"--netlab-json={capped.result_file}")
    assert set(capped.outcomes().values()) == {"broken"}
    reason = capped.result()["exercises"][0]["clauses"][0]["actual"]
    assert reason.startswith("limit:capture: 20,0")
    assert "the grader's own peers; where an exercise needs more, raise the ini option netlab_capture_limit" in reason
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_run_whose_ground_passed_elsewhere_fails_its_first_clause(capped: Project) -> None:
    """The second run floods: what it comes to has to stand somewhere, and once."""
    suite = capped.path / "suites" / "test_first.py"
    suite.write_text(suite.read_text() + TWO_RUNS)
    once = GOOD.format(port=7001)
    moody = (
        once
        + "import os\nif os.environ.get('TERM') == 'vt100':\n"
        + "".join(f"    {line}\n" for line in FLOOD.strip().splitlines())
    )
    suite.write_text(
        suite.read_text().replace(
            "another_run(stage: Stage) -> None:\n    stage.start()",
            "another_run(stage: Stage) -> None:\n    stage.start(terminal='vt100')",
        )
    )
    capped.solution("moody", first=moody)
    capped.grade("moody", "--netlab-exercise=7.1", f"--netlab-json={capped.result_file}")
    outcomes = capped.outcomes()
    assert (outcomes["first-sends"], outcomes["first-again"], outcomes["first-once"]) == ("passed", "failed", "blocked")


@pytest.mark.parametrize("given", ["0", "-1", "16 MiB", "lots", "99999", "٣"])
def test_a_limit_that_is_none(project: Project, given: str) -> None:
    project.pytester.makeini(f"[pytest]\nnetlab_capture_limit = {given}\n")
    line = usage_error(project.grade("good"))
    assert "netlab_capture_limit" in line
    assert "a whole number of MiB from 1 to 4096, such as 16" in line
