"""What platforms read: each format is one pure function of what was graded, from values to octets.

    graded        the one thing that every format is made of
    words         what a reader is told of one clause, as plain text that is safe anywhere
    gradescope    results.json of a Gradescope autograder
    classroom50   result.json of a Classroom 50 autograder
    check50       the JSON of check50
    ctrf          the Common Test Report Format
    github        a step summary in Markdown, and annotations

Rules: a grading that was cut short gives a whole, valid file that says so. A clause without a verdict earns
nothing and is never called failed where the format has another word. Text from a submission stays text.
`docs/formats.md` has the table of outcomes; nothing here reads files, clocks or the environment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pytest_netlab.report.formats import check50, classroom50, ctrf, github, gradescope
from pytest_netlab.report.formats.graded import Graded

FORMATS: Final[dict[str, Callable[[Graded], bytes]]] = {
    "gradescope": gradescope.document,
    "classroom50": classroom50.document,
    "check50": check50.document,
    "ctrf": ctrf.document,
    "github": github.summary,
}
"""What `--netlab-report FORMAT=FILE` knows, by name."""

__all__ = ["FORMATS", "Graded"]
