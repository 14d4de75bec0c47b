"""A class to measure with: the reference solutions, and copies in which one case of the matrix takes a program's place.

    python -m benchmarks.school DIR --count 200 --exercise 0.1 --exercise 1.1

The same call makes the same class. Cases whose language or tool is not on this machine are passed over. Among every
20 there is one that hands in nothing, one zip file and one tar file; the first of a class is the reference itself.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
REFERENCE = REPOSITORY / "suites" / "solutions"
CASES = REPOSITORY / "tests" / "submissions"


def make(directory: Path, count: int, exercises: Sequence[str], *, archives: bool = True) -> None:
    """Make a class.

    Args:
        directory: where to; must not exist.
        count: how many submissions.
        exercises: whose cases are used.
        archives: some of them are zip and tar files.
    """
    directory.mkdir(parents=True)
    cases = _cases(exercises)
    random.Random(7).shuffle(cases)
    for index in range(count):
        place = directory / f"student-{index:04}"
        if archives and index % 20 == 19:
            place.mkdir()
            (place / "README.txt").write_text("I will hand in tomorrow.\n")
            continue
        shutil.copytree(REFERENCE, place, ignore=shutil.ignore_patterns("__pycache__"))
        if index:
            _take_the_place(place, cases[index % len(cases)])
        if archives and index % 20 in (7, 13):
            _pack(place, "zip" if index % 20 == 7 else "tar")


def _cases(exercises: Sequence[str]) -> list[tuple[Path, dict[str, Any]]]:
    found = []
    for expect in sorted(CASES.glob("*/*/*/expect.toml")):
        told = tomllib.loads(expect.read_text(encoding="utf-8"))
        there = all(shutil.which(command) for command in told.get("needs", ()))
        if expect.parent.parent.name in exercises and there:
            found.append((expect.parent, told))
    return found


def _take_the_place(place: Path, case: tuple[Path, dict[str, Any]]) -> None:
    """Replace programs of the reference by those of a case."""
    directory, told = case
    for program in told["programs"]:
        (place / f"{program}.py").unlink(missing_ok=True)
    shutil.copytree(directory, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expect.toml", "__pycache__"))


def _pack(place: Path, kind: str) -> None:
    files = sorted(file for file in place.rglob("*") if file.is_file())
    if kind == "zip":
        with zipfile.ZipFile(f"{place}.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                packed.write(file, file.relative_to(place))
    else:
        with tarfile.open(f"{place}.tar.gz", "w:gz") as archive:
            archive.add(place, place.name)
    shutil.rmtree(place)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--exercise", action="append", required=True)
    chosen = parser.parse_args()
    make(chosen.directory, chosen.count, chosen.exercise)


if __name__ == "__main__":
    main()
