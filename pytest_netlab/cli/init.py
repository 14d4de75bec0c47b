"""A starting point: a directory with a stub for every program, each with its exercise's text and one hint.

The directory can be graded at once; every exercise fails, and says with what to begin. Files that are there already
stay as they are.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from pytest_netlab.cli.wording import described

HELP = "a starting point: stubs that say what to do, and how to grade them"

EXAMPLE: Final = """\
examples:
  pytest-netlab init homework
  pytest-netlab init homework --exercise 1.1 --exercise 1.2

exit status:
  0 made, or all of it was there; 4 a wrong call, or the directory cannot be written
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    described(parser, EXAMPLE)
    parser.add_argument("directory", metavar="DIR", type=Path, help="made where it is missing")
    parser.add_argument("--exercise", metavar="ID", action="append", default=[], help="only this one; may be repeated")


def run(arguments: argparse.Namespace) -> int:
    """Make it, say what was made, and return the exit status."""
    from pytest_netlab.grading import start

    made = start.make(arguments.directory, arguments.exercise)
    for name in made.written:
        print(f"made  {arguments.directory / name}")
    for name in made.kept:
        print(f"kept  {arguments.directory / name}, which was there")
    print(f"\nGrade it:\n  pytest --pyargs pytest_netlab.suites --netlab-solutions {arguments.directory}")
    return 0
