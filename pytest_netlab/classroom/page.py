"""The class page: one self-contained file, without scripts, that a teacher opens beside the gradebook.

Every text in it is a stranger's: Jinja2 escapes all of them, and the page's content security policy lets nothing be
loaded or run, whatever got through. Links lead to the submissions' reports beside it. No times: the same verdicts
give the same page.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from pytest_netlab import __version__
from pytest_netlab.classroom.gradebook import number
from pytest_netlab.classroom.row import exercises_of
from pytest_netlab.classroom.statistics import BINS, ExerciseFigures, Statistics

_LISTED: Final = 20
_BAR: Final = 14
_HEIGHT: Final = 64


def page(statistics: Statistics, *, once_more: int) -> str:
    """The whole file.

    Args:
        statistics: of the class.
        once_more: how many submissions were graded a second time.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    jinja = Environment(
        loader=PackageLoader("pytest_netlab.classroom"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters["points"] = number
    style = jinja.get_template("class.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return jinja.get_template("class.html.j2").render(
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=style,
        version=__version__,
        rows=sorted(statistics.rows, key=lambda each: each.name),
        exercises=exercises_of(statistics.rows),
        figures=[{"of": each, "bars": _bars(each)} for each in statistics.exercises],
        statuses=statistics.statuses(),
        hardest=statistics.hardest(_LISTED),
        mistakes=statistics.mistakes(_LISTED),
        once_more=once_more,
        width=BINS * _BAR,
        height=_HEIGHT,
    )


def _bars(figures: ExerciseFigures) -> list[dict[str, Any]]:
    """Rectangles of a histogram, in the units of its view box."""
    highest = max(figures.bins) or 1
    bars = []
    for index, count in enumerate(figures.bins):
        height = round(_HEIGHT * count / highest, 1)
        low, high = 100 * index // BINS, 100 * (index + 1) // BINS
        label = f"{'0' if not index else f'over {low}'} to {high} %: {count}"
        bars.append({"x": index * _BAR + 1, "y": _HEIGHT - height, "width": _BAR - 2, "height": height, "label": label})
    return bars
