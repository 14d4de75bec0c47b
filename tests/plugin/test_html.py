"""--netlab-html: the page that a run leaves, in one process and in many, live, replayed and interrupted."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from tests.plugin.conftest import GOOD, Project, usage_error
from tests.unit.report.pages import Element, read

WRONG = GOOD.replace("word", "wood").format(port=7001)
ATTACKING = WRONG + 'print("</pre><script>window.owned = 1</script>\\x1b[2J\\u202e")\n'
INTERRUPTING = """
import os, pathlib, signal, time
import pytest

@pytest.mark.xdist_group("interrupts")  # as large as an exercise: xdist begins with the largest groups
@pytest.mark.parametrize("turn", range(3))
def test_interrupts(turn):
    heard = pathlib.Path("heard")
    while not heard.exists() or len(heard.read_text().splitlines()) < 3:
        time.sleep(0.01)
    os.kill(os.{whom}(), signal.SIGINT)
    time.sleep(60)
"""
HEARING = """
import pytest

class Hearing:
    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report):
        if report.when == "teardown":
            with open("heard", "a") as file:
                print(report.nodeid, file=file)

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Hearing())
"""
"""The process that the user started notes which tests it has heard the end of."""


@pytest.fixture
def wrong(project: Project) -> Project:
    """A solution of which one MUST fails, and whose output attacks the page."""
    project.solution("wrong", first=ATTACKING)
    return project


def page_of(project: Project) -> Element:
    return read((project.path / "out" / "report.html").read_text(encoding="utf-8"))


def outcomes(page: Element) -> dict[str, str]:
    """Outcomes by clause, as the page shows them."""
    return {
        str(each.attributes["id"]).removeprefix("clause-"): each.one("span", of="outcome").words
        for each in page.all("details")
    }


EXPECTED = {"first-sends": "Passed", "first-word": "Failed", "first-quiet": "Advice"}


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_page_of_a_wrong_solution(wrong: Project, spread: tuple[str, ...]) -> None:
    result = wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-html=out/report.html", *spread)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"report file://{wrong.path}/out/report.html"])
    page = page_of(wrong)
    assert outcomes(page) == EXPECTED
    assert page.one("h1").words == "2 of 3 points"
    assert page.one("p", of="what").words.startswith("wrong graded ")
    failed = page.one("details", id="clause-first-word")
    assert {"wood", "word"} <= set(failed.words.replace('"', " ").split())
    assert "</pre><script>window.owned = 1</script>\\x1b[2J\\u202e" in failed.one("pre").words
    assert len(page.all("script")) == 1
    kept = wrong.path / "captures" / "runs" / "suites-test-first-py-test-word" / "capture.pcapng"
    address = str(failed.one("a", of="download").attributes["href"])
    assert base64.b64decode(address.partition(",")[2]) == kept.read_bytes()


def test_large_capture_is_linked_from_where_the_page_lies(wrong: Project) -> None:
    flood = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    flood += "for _ in range(8): s.sendto(b'wood' * 9000, ('127.0.0.1', 7001))\n"
    wrong.solution("large", first=flood)
    wrong.grade("large", "--netlab-exercise=7.1", "--netlab-html=out/deep/report.html")
    page = wrong.path / "out" / "deep" / "report.html"
    address = str(
        read(page.read_text()).one("details", id="clause-first-word").one("a", of="download").attributes["href"]
    )
    assert address == "../../captures/runs/suites-test-first-py-test-word/capture.pcapng"
    assert (page.parent / address).stat().st_size > 256 * 1024
    assert page.stat().st_size < 100_000


def test_replayed_run_has_the_same_page(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-capture", "--netlab-capture-dir=saved")
    shutil.rmtree(wrong.path / "wrong")
    wrong.grade("nothing", "--netlab-exercise=7.1", "--netlab-replay=saved", "--netlab-html=out/report.html")
    page = page_of(wrong)
    assert outcomes(page) == EXPECTED
    assert "Saved captures were judged again" in page.words
    assert page.one("details", id="clause-first-word").all("svg")


@pytest.mark.parametrize(("whom", "spread"), [("getpid", ()), ("getppid", ("-n", "1"))], ids=["one process", "xdist"])
def test_interrupted_run_leaves_what_was_graded(wrong: Project, whom: str, spread: tuple[str, ...]) -> None:
    """As with Ctrl-C: the process that the user started gets the signal, here from a test behind the first exercise."""
    (wrong.path / "suites" / "test_g_interrupts.py").write_text(INTERRUPTING.format(whom=whom))
    (wrong.path / "suites" / "conftest.py").write_text(HEARING)
    result = wrong.grade("wrong", "--netlab-html=out/report.html", "--netlab-json=out/result.json", *spread)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["not judged: 3 clauses: interrupted from the keyboard", "total 2 of 6 points *"])
    document = json.loads((wrong.path / "out" / "result.json").read_text())
    assert (document["score"], document["max_score"]) == (2, 6)
    page = page_of(wrong)
    assert outcomes(page) == EXPECTED | dict.fromkeys(("second-sends", "second-word", "second-quiet"), "Broken")
    assert page.one("h1").words == "2 of 6 points"
    assert "This run is not complete: interrupted from the keyboard." in page.one("p", of="interrupted").words


def test_run_that_stops_at_the_first_failure_says_so(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-html=out/report.html", "-x")
    page = page_of(wrong)
    assert outcomes(page)["second-sends"] == "Broken"
    assert "stopping after 1 failures" in page.one("p", of="interrupted").words


def test_page_that_cannot_be_written_is_said_before_the_work(project: Project) -> None:
    said = usage_error(project.grade("good", "--netlab-html=suites"))
    assert said == f"ERROR: --netlab-html {project.path / 'suites'}: cannot be written: is a directory"


def test_page_of_nothing_is_a_usage_error(project: Project) -> None:
    result = project.pytester.run(*project.pytester._getpytestargs(), "suites", "--netlab-html=x.html", timeout=60)
    assert usage_error(result) == "ERROR: --netlab-html: nothing to grade; say --netlab-solutions DIR"


def test_page_that_can_no_longer_be_written_is_said_after_it(project: Project) -> None:
    page = Path(project.path / "report.html")
    (project.path / "conftest.py").write_text(
        f"import os\ndef pytest_collection_finish():\n    os.mkdir({str(page)!r})\n"
    )
    said = usage_error(project.grade("good", "--netlab-html=report.html"))
    assert said == f"ERROR: --netlab-html {page}: cannot be written: Is a directory"
