"""Every hostile submission comes to what it must, in time, leaves nothing, and the next grading is clean."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_netlab.grading import archive
from pytest_netlab.grading.evidence import Evidence
from tests.hostile.cases import PROPERTY, ROOT, Case, cases
from tests.hostile.conftest import ALONE
from tests.matrix.grade import Graded, grade

Record = Callable[[str, object], None]


@pytest.mark.parametrize(("name", "case"), cases(), ids=[name for name, _ in cases()])
@pytest.mark.usefixtures("nothing_left")
def test_hostile_submission(
    name: str, case: Case, tmp_path: Path, record_property: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_property(PROPERTY, json.dumps([case.attacks, case.title, case.outcome]))
    for variable in ("NETLAB_SECRET", "PYTHONSTARTUP", "LD_PRELOAD_OF_THE_GRADER"):
        monkeypatch.setenv(variable, "secret")
    scratch = tmp_path / "hostile"
    scratch.mkdir()
    files = {"--junitxml": scratch / "report.xml", "--netlab-html": scratch / "report.html"}
    more = [f"{option}={path}" for option, path in files.items()] if case.junit else []
    graded = grade(ROOT / name / "hostile", case.exercise, scratch, "--netlab-capture", *ALONE, *case.options, *more)
    runs = [each for each in saved_runs(scratch / "captures") if each.program == case.program]
    check_verdict(case, graded)
    check_words(case, graded, runs)
    check_reports(case, graded, scratch, runs)
    longest_s = max((run.ending.after_s for run in runs), default=0.0)
    record_property("longest_s", f"{longest_s:.1f}")
    assert longest_s <= case.deadline_s * crowd()
    check_next_grading(name, case, tmp_path)


def crowd() -> float:
    """How many processes want each core: what takes a second alone takes so many here."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def saved_runs(directory: Path) -> list[Evidence]:
    """What the runs left; where a run was saved for several clauses, once."""
    found = {
        each.scenario: each for each in map(archive.load, (path.parent for path in directory.rglob("evidence.json")))
    }
    return list(found.values())


def check_verdict(case: Case, graded: Graded) -> None:
    """The named clauses fail and name the limit; where none is named, every MUST holds. Nothing is broken."""
    mine = {name: each for name, each in graded.clauses.items() if each["program"] == case.program}
    outcomes = {name: (each["outcome"], each["actual"]) for name, each in mine.items()}
    failed = {name for name, each in mine.items() if each["outcome"] == "failed" and each["requirement"] == "MUST"}
    assert {name: told for name, told in outcomes.items() if told[0] in ("broken", "unsupported")} == {}
    assert set(case.fails) <= failed, outcomes
    if not case.any_other:
        assert failed == set(case.fails), outcomes
    if not case.fails:
        musts = {name for name, each in mine.items() if each["requirement"] == "MUST"}
        assert {name for name in musts if mine[name]["outcome"] != "passed"} == set(), outcomes
    for name in case.fails:
        assert (mine[name]["limit"] or "") == case.limit, mine[name]
        assert mine[name]["score"] == 0
    assert graded.status == 1, "the other programs of the exercise are missing at least, or a clause failed"


def check_words(case: Case, graded: Graded, runs: list[Evidence]) -> None:
    """What is said, and what the program itself had to say about its attempts."""
    said = "".join(graded.printed.split())
    assert [word for word in case.words if "".join(word.split()) not in said] == [], graded.printed
    printed = b"".join(run.output for run in runs).decode("utf-8", "backslashreplace")
    assert [words for words in case.prints if words not in printed] == [], printed
    assert [words for words in case.silent if words in printed] == [], printed


def check_reports(case: Case, graded: Graded, scratch: Path, runs: list[Evidence]) -> None:
    """No control character of the program's reaches the terminal, no line of it stands where a command would."""
    controls = {each for each in graded.printed if unicodedata.category(each) in ("Cc", "Cf") and each != "\n"}
    assert controls == set()
    begun = [line for line in graded.printed.splitlines() for each in case.inert if line.startswith(each)]
    assert begun == [], "printed at the start of a line"
    if case.inert:
        assert any(each.encode() in run.output for run in runs for each in case.inert), "the attack was not even tried"
    if case.junit:
        ElementTree.parse(scratch / "report.xml")
        page = (scratch / "report.html").read_text("utf-8")
        assert "alert(1)" in page
        assert "<script>alert(1)" not in page
    json.loads((scratch / "result.json").read_text("utf-8"))


def check_next_grading(name: str, case: Case, tmp_path: Path) -> None:
    """The harmless version, graded next and with the same limits, passes every MUST."""
    scratch = tmp_path / "benign"
    scratch.mkdir()
    graded = grade(ROOT / name / "benign", case.exercise, scratch, *ALONE, *case.options)
    mine = {each["id"]: each for each in graded.clauses.values() if each["program"] == case.program}
    wrong = {
        name: (each["outcome"], each["actual"])
        for name, each in mine.items()
        if each["requirement"] == "MUST" and each["outcome"] != "passed"
    }
    assert wrong == {}, graded.printed
    assert mine
