"""Reading the counts that a program shows, whatever its layout.

A *count* is the name of a class and a number that belongs to it. Names and numbers may stand in one line, one below
the other, name first or number first, as a table with headings, as JSON or a dictionary; they may be redrawn in
place. What is read is a *display*: counts that were shown together, at least `ENOUGH` of them, so that no banner
("Other IP for 60 s") and no line about one packet is taken for one. Only where a program never shows so many together
does each single count stand for itself. Of several displays the one that was written last counts.

Refuses numbers that are something else: parts of addresses, times, fractions, percentages, port numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_netlab.grading.screen import Row, Screen

CLASSES: Final = ("HTTP", "DNS", "ICMP", "TCP", "UDP", "Other IP")
ENOUGH: Final = 4
"""Classes that must be shown together to be a display."""
_LOOK_BACK: Final = 400
"""Lines of the screen that are read: what is older has been overtaken."""
_ROWS_APART: Final = 2
"""Lines without a count (rules, blank lines) that may stand between two counts of one display."""

_OTHERS: Final = (
    r"other|others|misc|miscellaneous|rest|else|unknown|andere[sr]?|sonstige[srn]?|übrige[srn]?|autres?|otros?|"
    r"altr[io]|outros?|inne|övriga|прочие|прочее|другие|другое|其他|その他"
)
_NAME: Final = re.compile(
    rf"""(?<![A-Za-z0-9])
    (?: (?P<plain>HTTP(?!/\d) | DNS | ICMP | TCP | UDP)(?:v4)?
      | (?:IP[\s_-]?)?(?:{_OTHERS})(?:[\s_-]?IP(?:v4)?)? )
    (?![A-Za-z0-9])""",
    re.IGNORECASE | re.VERBOSE,
)
_UNITS: Final = r"(?:s|secs?|seconds?|sekunden|ms|min|minutes?|minuten|h|bytes?|octets?|[kmg]?i?b)\b"
_NUMBER: Final = re.compile(
    rf"(?<!\w)(?<!\d[.,:/])\d{{1,9}}(?!\s?{_UNITS})(?:(?=pkts?\b|packets?\b|x\b)|(?![\w%]|[.,:/]\d|\s?%))",
    re.IGNORECASE,
)
_PORTS: Final = re.compile(r"\bports?\W*(?:\d+(?:\s*(?:/|,|and|und|or|oder)\s*\d+)*)", re.IGNORECASE)
_REMARK: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_RULE: Final = re.compile(r"[\s|+=:_\-─━┼╪├┤]*")
_BETWEEN_COLUMNS: Final = re.compile(r"[\s|,;\"'│┃]+")

Counts = dict[str, int]


class _Display:
    """Counts that were shown together, and when the latest of them was written."""

    def __init__(self) -> None:
        self.written = 0
        self._latest: dict[str, tuple[int, int]] = {}

    @property
    def counts(self) -> Counts:
        return {name: number for name, (_, number) in self._latest.items()}

    def add(self, found: Counts, written: int) -> None:
        """Take in counts of another line; what was written later overtakes."""
        for name, number in found.items():
            self._latest[name] = max(self._latest.get(name, (0, 0)), (written, number), key=lambda each: each[0])
        self.written = max(self.written, written)


def read_counts(output: bytes) -> Counts:
    """The counts that the output shows last, by class (`CLASSES`); what is not shown is missing.

    Args:
        output: as printed, escape sequences and all.
    """
    screen = Screen()
    screen.feed(output)
    return counts_on(screen)


def counts_on(screen: Screen) -> Counts:
    """The counts that a screen shows last."""
    displays = list(_displays(screen.last_rows(_LOOK_BACK)))
    whole = [display for display in displays if len(display.counts) >= ENOUGH]
    if whole:
        return max(whole, key=lambda display: display.written).counts
    single: Counts = {}
    for display in sorted(displays, key=lambda display: display.written):
        single |= display.counts
    return single


def _displays(rows: Sequence[Row]) -> Iterator[_Display]:
    """Counts that stand together, from top to bottom: all in one line, or in lines that are near each other."""
    display = _Display()
    blank = 0
    headings: list[str | None] = []
    for row in rows:
        found = dict(_under(headings, row.text))
        if not found:
            headings = _headings(row.text) or (headings if _RULE.fullmatch(row.text) else [])
            found = dict(_in_line(row.text))
        blank = 0 if found else blank + 1
        alone = len(found) == len(CLASSES)
        # Behind a whole display another one begins, or a remark about its parts ("of which over TCP: 3").
        behind = bool(found) and len(display.counts) == len(CLASSES)
        if display.counts and (alone or behind or blank > _ROWS_APART):
            yield display
            display = _Display()
        if found:
            display.add(found, row.written)
        if alone:
            yield display
            display = _Display()
    if display.counts:
        yield display


def _class_of(name: re.Match[str]) -> str:
    return name["plain"].upper() if name["plain"] else CLASSES[-1]


def _in_line(text: str) -> Iterable[tuple[str, int]]:
    """Counts within one line: each name's number stands behind it, or each one's before it."""
    names = list(_names(text))
    if not names:
        return []
    ends = [name.start() for name in names[1:]] + [len(text)]
    behind = [(_class_of(name), _first(text[name.end() : end])) for name, end in zip(names, ends, strict=True)]
    starts = [0] + [name.end() for name in names[:-1]]
    before = [(_class_of(name), _last(text[start : name.start()])) for name, start in zip(names, starts, strict=True)]
    found = [(name, number) for name, number in behind if number is not None]
    turned = [(name, number) for name, number in before if number is not None]
    return turned if len(turned) > len(found) else found


def _names(text: str) -> Iterator[re.Match[str]]:
    """Names of classes, but not those in a remark behind one: `TCP (not HTTP): 3`."""
    behind = 0
    for name in _NAME.finditer(text):
        if name.start() < behind:
            continue
        remark = _REMARK.match(text, name.end() + (text[name.end() : name.end() + 1] == " "))
        behind = remark.end() if remark else 0
        yield name


def _first(text: str) -> int | None:
    """The first number behind a name; one in a remark only where there is no other."""
    without_ports = _PORTS.sub(" ", text)
    for candidate in (_REMARK.sub(" ", without_ports), without_ports):
        if number := _NUMBER.search(candidate):
            return int(number.group())
    return None


def _last(text: str) -> int | None:
    numbers = _NUMBER.findall(_REMARK.sub(" ", text))
    return int(numbers[-1]) if numbers else None


def _headings(text: str) -> list[str | None]:
    """The columns of a table's head: a class, or None for another column. Empty where the line is no head."""
    if re.search(r"\d", text):
        return []
    # Names of two words become one, so that what is between blanks is one column.
    marked = _NAME.sub(lambda name: f" <{_class_of(name).replace(' ', '_')}> ", text)
    words = [word for word in _BETWEEN_COLUMNS.split(marked) if not _RULE.fullmatch(word)]
    columns = [word[1:-1].replace("_", " ") if word.startswith("<") else None for word in words]
    known = [column for column in columns if column]
    return columns if len(known) >= ENOUGH and len(set(known)) == len(known) else []


def _under(headings: list[str | None], text: str) -> Iterable[tuple[str, int]]:
    """Counts of a line that holds nothing but values, below the head of a table."""
    if not headings or _NAME.search(text):
        return []
    words = [word for word in _BETWEEN_COLUMNS.split(text) if not _RULE.fullmatch(word)]
    names = [name for name in headings if name]
    numbers = [int(word) if re.fullmatch(r"\d{1,9}", word) else None for word in words]
    if len(words) == len(headings):
        paired = zip(headings, numbers, strict=True)
        return [(name, number) for name, number in paired if name and number is not None]
    values = [number for number in numbers if number is not None]
    return list(zip(names, values, strict=True)) if len(values) == len(names) == len(words) else []
