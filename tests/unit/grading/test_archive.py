"""Saved evidence: it comes back as it was; a changed byte, a missing end or file is noticed, and named."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pytest_netlab.capture import InterfaceRecord, Recording
from pytest_netlab.capture.counters import Counters
from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.grading import archive, sidecar
from pytest_netlab.grading.archive import Archive
from pytest_netlab.grading.evidence import Ending, Evidence, Halt
from pytest_netlab.grading.scenario import Scenario
from pytest_netlab.grading.sidecar import CAPTURE, SIDECAR, Damaged, as_saved
from pytest_netlab.wire import Direction, Frame

SCENARIO = Scenario("one_run", "7.1", "first", "first-sends", lambda stage: None)
FRAMES = tuple(
    Frame(b"\2" * 12 + b"\x88\xb6" + bytes([number]) * 50, number, 10**18 + number, "lo@student", 1, Direction.INCOMING,
          checksum_unfinished=False)
    for number in (1, 2, 3)
)  # fmt: skip


def evidence(run_id: str = "aa") -> Evidence:
    interfaces = (InterfaceRecord("lo@student", 1, 3, 0, 0, Counters(4, 0, 4, 0)),)
    made = Evidence("one_run", "first", "7.1", Recording(FRAMES, interfaces, "limit:capture"), b"\xff\0out")
    made.ending = Ending(-9, "limit:capture", 1.5, "", 10**18)
    made.facts = as_saved({"ports": (1, 2), "said": b"\0\xff", "by": {1: b"x"}, "none": None})
    made.halt = Halt("first-sends", "a datagram", "none", tuple(Recording(FRAMES).packets)[1:2])
    made.run_id = run_id
    made.ground = "first-sends"
    return made


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "a-test"
    archive.save(folder, evidence(), tier="rootless")
    return folder


def found(saved: Path, scenario: Scenario = SCENARIO) -> Evidence:
    result = Archive(saved.parent).find(scenario)
    assert result is not None
    return result


def test_everything_comes_back(saved: Path) -> None:
    back, was = found(saved), evidence()
    assert back.recording == was.recording
    assert (back.output, back.ending, back.facts, back.halt) == (was.output, was.ending, was.facts, was.halt)
    assert (back.fault, back.run_id, back.ground) == ("", "aa", "first-sends")
    assert back.kept_at == str(saved / CAPTURE)
    assert back.produced_by["tier"] == "rootless"
    assert {"pytest-netlab", "python", "system"} < set(back.produced_by)


def test_saving_again_says_who_recorded_it_first(saved: Path, tmp_path: Path) -> None:
    back = found(saved)
    back.produced_by = {"pytest-netlab": "0.0.7"}
    archive.save(tmp_path / "again", back, tier="offline")
    assert archive.load(tmp_path / "again").produced_by == {"pytest-netlab": "0.0.7"}


@pytest.mark.parametrize("name", [CAPTURE, SIDECAR])
def test_any_changed_byte_is_noticed(saved: Path, name: str) -> None:
    """Wherever it stands: the sidecar's own digest, its blanks and its line ends included."""
    path = saved / name
    whole = path.read_bytes()
    chosen = random.Random(7)
    places = {0, 1, len(whole) - 1, *(len(whole) - at for at in range(2, 90)), *chosen.sample(range(len(whole)), 100)}
    for at in places:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chosen.randrange(8)]) + whole[at + 1 :])
        assert found(saved).fault.startswith(f"saved evidence is damaged: {path}"), at


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("harm", [cut, remove])
@pytest.mark.parametrize("name", [CAPTURE, SIDECAR])
def test_missing_parts_are_named_with_the_remedy(saved: Path, name: str, harm: Callable[[Path], None]) -> None:
    harm(saved / name)
    fault = found(saved).fault
    assert fault.startswith(f"saved evidence is damaged: {saved / name}")
    assert fault.endswith("restore both files from where they were first kept, or run the program again")
    assert ("No such file" in fault) == (harm is remove)


def test_one_damaged_copy_spoils_the_run(saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "a-copy")
    assert found(saved).fault == ""
    cut(tmp_path / "a-copy" / CAPTURE)
    assert str(tmp_path / "a-copy" / CAPTURE) in found(saved).fault
    (saved / SIDECAR).write_bytes((saved / SIDECAR).read_bytes().replace(b'"status": -9', b'"status": -8'))
    assert found(saved).fault.endswith(" (1 more like it)")
    assert f"{saved / SIDECAR} was changed since it was written" in found(saved).fault


def test_two_runs_of_one_scenario_are_not_mixed(saved: Path, tmp_path: Path) -> None:
    archive.save(tmp_path / "b-test", evidence("bb"))
    fault = found(saved).fault
    assert fault == (
        f"two different runs of first, one_run are saved, in {saved} and in {tmp_path / 'b-test'}: keep one of them"
    )


def test_a_halt_follows_its_ground(saved: Path) -> None:
    """The suite calls the ground something else today."""
    renamed = Scenario("one_run", "7.1", "first", "first-is-heard", lambda stage: None)
    halt = found(saved, renamed).halt
    assert halt is not None
    assert halt.clause == "first-is-heard"


def test_what_was_never_saved_is_none(saved: Path) -> None:
    assert Archive(saved.parent).find(Scenario("other", "7.1", "first", "g", lambda stage: None)) is None


def test_nothing_to_judge(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no evidence\.json below it; keep captures with --netlab-capture"):
        Archive(tmp_path)


def test_other_versions_are_refused_by_name(saved: Path) -> None:
    later = msgspec.structs.replace(sidecar.read(saved / SIDECAR), schema="pytest-netlab/evidence/9")
    sidecar.write(saved / SIDECAR, later)
    with pytest.raises(UsageError, match="'pytest-netlab/evidence/9', and this version reads 'pytest-netlab/evid") as e:
        Archive(saved.parent)
    assert not isinstance(e.value, Damaged)


def test_facts_that_cannot_be_kept() -> None:
    with pytest.raises(HarnessFault, match=r"the script noted peer = <object object at .*: note numbers, strings"):
        as_saved({"peer": object()})
