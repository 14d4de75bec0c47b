"""Run the battery as root and as an ordinary user, and write what came of it into docs/security.md.

    python -m tests.hostile.table [--user NAME] [REPORT.xml …]

Started by root it runs both, the second as NAME (`nobody` by default, who must be able to read this checkout). Started
by anybody else it runs one, and the other column says so. Reports of runs that were made already (`--junitxml`) are
read instead where they are named: first root's, then the user's.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from tests.hostile.cases import PROPERTY
from tests.matrix.grade import REPOSITORY

PAGE = REPOSITORY / "docs" / "security.md"
BEGIN, END = "<!-- battery: begin -->", "<!-- battery: end -->"


class Line(NamedTuple):
    """One test of the battery in one run.

    Attributes:
        attacks: numbers.
        title: what was tried.
        outcome: what must come of it.
        held: whether it did.
        longest_s: the longest run of the program, or empty.
    """

    attacks: tuple[int, ...]
    title: str
    outcome: str
    held: bool
    longest_s: str


def read(report: Path) -> dict[str, Line]:
    """The lines of a JUnit report by their titles. Where several tests share a title, all of them must hold."""
    lines: dict[str, Line] = {}
    for test in ElementTree.parse(report).iter("testcase"):
        noted = {each.get("name"): each.get("value", "") for each in test.iter("property")}
        if PROPERTY not in noted:
            continue
        attacks, title, outcome = json.loads(noted[PROPERTY])
        held = not any(test.find(kind) is not None for kind in ("failure", "error", "skipped"))
        held = held and (title not in lines or lines[title].held)
        lines[title] = Line(tuple(attacks), title, outcome, held, noted.get("longest_s", ""))
    return lines


def table(root: dict[str, Line], user: dict[str, Line]) -> str:
    """Both runs as a table of Markdown."""
    rows = ["| # | what it tries | what comes of it | as root | as a user | longest run |", "|---|---|---|---|---|---|"]
    both = {**user, **root}
    for line in sorted(both.values()):
        cells = [
            ", ".join(map(str, line.attacks)),
            line.title,
            line.outcome,
            _told(root.get(line.title)),
            _told(user.get(line.title)),
            f"{line.longest_s} s" if line.longest_s else "",
        ]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    numbers = {number for line in both.values() for number in line.attacks}
    counts = f"{len(numbers)} attacks in {len(both)} cases; as root {_held(root)}, as an ordinary user {_held(user)}."
    return "\n".join([counts, "", *rows])


def _told(line: Line | None) -> str:
    return "not run" if line is None else "holds" if line.held else "**does not hold**"


def _held(lines: dict[str, Line]) -> str:
    return f"{sum(line.held for line in lines.values())} of {len(lines)} hold" if lines else "not run"


def write(page: Path, content: str) -> None:
    """Put `content` between the markers of a page."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}", "utf-8")


def run(account: str | None, scratch: Path) -> Path:
    """Run the battery, as `account` where one is given, and return its report."""
    report = scratch / f"{account or 'here'}.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "4", "tests/hostile"]
    # In a checkout that is another's, Hypothesis finds no place for its examples, and says so by a warning.
    settings: dict[str, object] = {"env": os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(scratch / "hypothesis")}}
    if account is not None:
        entry = pwd.getpwnam(account)
        settings |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    subprocess.run([*command, f"--junitxml={report}"], cwd=REPOSITORY, check=False, **settings)  # type: ignore[call-overload]
    return report


def main() -> int:
    """Run, or read, and write; the exit status is 0 where everything held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--user", default="nobody")
    parser.add_argument("reports", nargs="*", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o777)
        runs = [read(report) for report in arguments.reports] or _both(arguments.user, Path(scratch))
    write(PAGE, table(runs[0], runs[1]))
    return 0 if all(line.held for lines in runs for line in lines.values()) else 1


def _both(user: str, scratch: Path) -> list[dict[str, Line]]:
    if os.geteuid() != 0:
        return [{}, read(run(None, scratch))]
    return [read(run(None, scratch)), read(run(user, scratch))]


if __name__ == "__main__":
    sys.exit(main())
