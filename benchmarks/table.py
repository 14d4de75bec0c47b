"""A table on the terminal, and the same rows as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, str | int | float]


def show(title: str, rows: Sequence[Row]) -> None:
    """Print rows that all have the same keys; numbers to the right."""
    print(f"\n{title}")
    if not rows:
        return
    names = list(rows[0])
    cells = [[_text(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(names)]
    right = [not isinstance(rows[0][name], str) for name in names]
    for line in [names, ["-" * width for width in widths], *cells]:
        print("  ".join(_fit(cell, widths[at], right[at]) for at, cell in enumerate(line)).rstrip())


def save(path: str, **content: object) -> None:
    """Write what was measured, with the machine that it was measured on."""
    machine = {
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    Path(path).write_text(json.dumps({"machine": machine, **content}, indent=1) + "\n", encoding="utf-8")


def _text(value: str | int | float) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
    return value if isinstance(value, str) else f"{value:,}"


def _fit(cell: str, width: int, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)
