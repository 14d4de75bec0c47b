"""`pytest-netlab grade` as a teacher calls it: real submissions, real labs, real signals."""

from __future__ import annotations

import json
import tarfile

import pytest

from tests.classroom.conftest import Class, done_in, graded_now


def test_one_bad_submission_never_stops_the_class(school: Class) -> None:
    school.hand_in("=good")
    school.hand_in("wrong", word=b"sword")
    school.hand_in("crash")
    school.hand_in("hang")
    school.hand_in("always broken")
    school.hand_in("once upon a time")
    (school.submissions / "link").symlink_to("wrong")
    (school.submissions / "essay.zip").write_text("no zip file")
    (school.hand_in("odd") / "netlab.toml").write_text("[programs]\nfirst = 3\n")
    with tarfile.open(school.submissions / "packed.tar.gz", "w:gz") as archive:
        archive.add(school.submissions / "=good", "mine")
    done = school.grade("-j", "3", "--limit", "25")
    rows = school.rows()
    assert done.returncode == 1
    assert {name: (row["status"], row["7.1"], row["total"]) for name, row in rows.items()} == {
        "'=good": ("graded", "3", "3"),
        "wrong": ("graded", "2", "2"),
        "packed": ("graded", "3", "3"),
        "once upon a time": ("graded", "3", "3"),
        "always broken": ("broken", "", ""),
        "crash": ("crashed", "", ""),
        "hang": ("timeout", "", ""),
        "link": ("refused", "", ""),
        "essay": ("refused", "", ""),
        "odd": ("refused", "", ""),
    }
    assert rows["hang"]["remark"] == "the grading was still running after 25 s"
    assert "signal 9" in rows["crash"]["remark"]
    assert "netlab.toml, line 2: programs.first: a command is a list" in rows["odd"]["remark"]
    assert rows["always broken"]["remark"].endswith("submission's fault: sends")
    assert "tried twice: 3" in done.stdout
    assert (
        "3 were graded twice: the first time there was no verdict" in (school.path / "out" / "index.html").read_text()
    )
    assert "Traceback" not in done.stderr + done.stdout


def test_results_stand_in_a_folder_each(school: Class) -> None:
    school.hand_in("wrong", word=b"sword")
    assert school.grade().returncode == 0
    folder = school.path / "out" / "submissions" / "wrong"
    (clause,) = [each for each in json.loads((folder / "result.json").read_text())["exercises"][0]["clauses"]
                 if each["outcome"] == "failed"]  # fmt: skip
    assert (folder / clause["capture"]).read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
    assert (folder / clause["capture"]).with_name("evidence.json").exists()
    assert (school.path / "out" / school.rows()["wrong"]["report"]).exists()
    assert "wrong" in (school.path / "out" / "index.html").read_text()


def test_what_has_not_changed_is_not_graded_again(school: Class) -> None:
    school.hand_in_many(2)
    assert graded_now(school.grade("-j1").stdout) == 2
    before = school.gradebook()
    unchanged = school.grade()
    assert (graded_now(unchanged.stdout), school.gradebook()) == (0, before)
    (school.submissions / "student-0" / "first.py").write_text("print('changed')")
    assert graded_now(school.grade("-j1").stdout) == 1
    assert school.rows()["student-0"]["total"] == "0"
    with (school.path / "suite" / "test_first.py").open("a") as suite:
        suite.write("# a new version\n")
    assert graded_now(school.grade("-j1").stdout) == 2


@pytest.mark.parametrize("option", ["--strict", "--again", "--capture"])
def test_what_decides_a_verdict_is_part_of_it(school: Class, option: str) -> None:
    school.hand_in_many(1)
    for _ in range(2):
        school.grade()
    assert graded_now(school.grade(option).stdout) == 1


def test_interrupted_three_times_and_resumed(school: Class) -> None:
    school.hand_in_many(8)
    finished = 0
    for after in (1, 3, 6):
        status, said = school.interrupt(after, "-j", "2")
        assert status == 130
        assert said.endswith("interrupted. What is graded is kept; the same call goes on with the rest.\n")
        assert "Traceback" not in said
        finished = max(finished, done_in(said))
        waiting = [row for row in school.rows().values() if row["status"] == "waiting"]
        assert len(waiting) == 8 - finished
        assert {row["total"] for row in waiting} <= {""}
    assert graded_now(school.grade("-j", "2").stdout) == 8 - finished
    school.grade("-j", "2", out="whole")
    assert school.gradebook() == school.gradebook("whole")


def test_captures_are_judged_again(school: Class) -> None:
    school.hand_in_many(2)
    school.grade("--capture")
    again = school.grade("--from-captures", str(school.path / "out"), out="again", source="")
    assert again.returncode == 0, again.stderr
    points = {name: (row["status"], row["total"], row["tier"]) for name, row in school.rows("again").items()}
    assert points == {"student-0": ("graded", "2", "offline"), "student-1": ("graded", "3", "offline")}


def test_one_program_writes_at_a_time(school: Class) -> None:
    import fcntl

    school.hand_in_many(1)
    school.grade()
    with (school.path / "out" / ".lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = school.grade()
    assert done.returncode == 4
    assert "another `pytest-netlab grade` is writing there now" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-j", "0"), "-j 0: at least one at a time"),
        (("-j", "2", "--dask", "tcp://127.0.0.1:1"), "with --dask, the cluster's workers"),
        (("--from-captures", "."), "and not both"),
        (("--limit", "0"), "--limit 0: a time in seconds"),
        (("--report", "ctrf"), "write FORMAT=FILE"),
        (("--report", "ctrf=../x"), "a new name without a directory"),
        (("--exercise", "9.9"), "--exercise 9.9: no such exercise; there are 7.1"),
        (("--suites", "/nowhere"), "--suites /nowhere: no such directory"),
    ],
)
def test_a_wrong_call_is_a_usage_error(school: Class, options: tuple[str, ...], words: str) -> None:
    school.hand_in_many(1)
    done = school.grade(*options)
    assert done.returncode == 4
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_suites_that_cannot_be_collected(school: Class) -> None:
    school.hand_in_many(1)
    (school.path / "suite" / "test_first.py").write_text("import nothing_of_this_name\n")
    done = school.grade()
    assert done.returncode == 4
    assert "cannot be collected" in done.stderr
    assert "nothing_of_this_name" in done.stderr
