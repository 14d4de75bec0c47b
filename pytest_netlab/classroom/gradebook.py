"""The gradebook: CSV (RFC 4180), a line a submission, sorted by name; the same for the same verdicts, with no times.

A name or a message is a stranger's text, and a spreadsheet takes a cell that begins with one of = + - @ tab or CR
for a formula. Such a cell gets an apostrophe in front, which spreadsheets read as "this is text".
"""

from __future__ import annotations

import csv
import io
from typing import Final

from pytest_netlab.classroom.row import Row, exercises_of

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def text(rows: list[Row]) -> str:
    """The whole file.

    Args:
        rows: in any order.
    """
    exercises = exercises_of(rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["name", "status", *exercises, "total", "max", "tier", "certified", "report", "remark"])
    for row in sorted(rows, key=lambda each: each.name):
        points = (row.exercises.get(name) for name in exercises)
        writer.writerow(
            [
                harmless(row.name),
                row.status,
                *(number(each.score) if each else "" for each in points),
                number(row.score),
                number(row.most),
                row.tier,
                {True: "yes", False: "no", None: ""}[row.certified],
                harmless(row.report),
                harmless(row.reason),
            ]
        )
    return out.getvalue()


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula, and that any encoding can hold."""
    plain = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "")
    return f"'{plain}" if plain.startswith(_FORMULAS) else plain


def number(value: float | None) -> str:
    """Points, without zeros that say nothing; empty where there is no verdict."""
    return "" if value is None else f"{value:.6g}"
