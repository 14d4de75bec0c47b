"""Pages for tests: a submission with something of every kind in it, a hostile one, and one that is all failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import msgspec

from pytest_netlab.grading.explanation import Excerpt, Explanation, FieldRow, Ladder, Step
from pytest_netlab.grading.outcome import Clause, Outcome, Requirement, Verdict
from pytest_netlab.report.html import About

from .failures import FAILURES

ABOUT = About(tier="rootless", certified=True, submission="alice", when="21 November 2026, 06:45 UTC", version="0.1")
HANDSHAKE = "The three-way handshake by hand"
HOSTILE = (
    "<script>window.owned = 1</script>",
    "</script><script>window.owned = 2</script>",
    '</pre></figure></details><img src=x onerror="window.owned = 3">',
    '" onmouseover="window.owned = 4" autofocus onfocus=\'window.owned = 5\' tabindex=1 x="',
    "' style='display:none' onclick='window.owned = 6' '",
    "<svg><style>body{display:none}</style></svg><!--",
    "</style><style>body{display:none}</style>",
    "<iframe srcdoc='<script>parent.owned = 7</script>'></iframe><base href='https://example.invalid/'>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'><form action='https://example.invalid/'>",
    "{{ 7 * 7 }}{% raw %}&lt;&#60;",
    "javascript:window.owned=8",
    "\x1b[2J\x1b]8;;https://example.invalid/\x07click\x1b]8;;\x07\x00\x9b31m",
    "\u202egnp.exe\u2066\u200f\u061c\ufeff",
    "\udcff\ud800 \U000e0041",
)
"""What a program may print, send, or be called."""


def clause(id: str, exercise: str, title: str, *, level: Requirement = "MUST", ground: str = "") -> Clause:
    return Clause(
        id=id,
        requirement=level,
        sentence=f"It is as {id} says.",
        points=1.0,
        reference="RFC 768",
        hint=f"Look at {id}.",
        builds_on=(ground,) if ground else (),
        exercise=exercise,
        title=title,
        program="abcd_server",
    )


def of_failure(told: Explanation, exercise: str, title: str) -> Verdict:
    """The verdict that an explanation explains."""
    judged = msgspec.structs.replace(
        clause(told.clause, exercise, title, level="SHOULD" if told.requirement == "SHOULD" else "MUST"),
        sentence=told.sentence,
        reference=told.reference,
        hint=told.hint,
    )
    return Verdict(judged, Outcome.FAILED, told.expected, told.actual, capture=told.capture, nodeid="x")


def every_kind() -> tuple[list[Verdict], dict[str, Explanation]]:
    """A submission of which something passed, failed, was advice, blocked, not decided and broken."""
    two_ports, wrong_byte, checksum = (FAILURES[name]() for name in ("two-ports", "wrong-byte", "bad-checksum"))
    one = "One character out, four back"
    verdicts = [
        Verdict(clause("server-listens", "0.1", one), Outcome.PASSED),
        of_failure(wrong_byte, "0.1", one),
        Verdict(clause("server-quick", "0.1", one), Outcome.UNSUPPORTED, actual="the loopback tier does not run it"),
        Verdict(clause("server-lost", "0.1", one), Outcome.BROKEN, actual="KeyError: 'oops'"),
        of_failure(two_ports, "2.2", HANDSHAKE),
        Verdict(
            clause("handshake-accepted", "2.2", HANDSHAKE, ground="handshake-one-port"),
            Outcome.BLOCKED,
            actual="builds on handshake-one-port, which did not pass",
        ),
        Verdict(
            clause("handshake-syn", "2.2", HANDSHAKE),
            Outcome.PASSED,
            remark="its checksum was left unfinished",
            second_opinion="agrees",
        ),
        of_failure(checksum, "1.10", "A UDP header by hand"),
    ]
    return verdicts, {each.clause: each for each in (two_ports, wrong_byte, checksum)}


def hostile() -> tuple[list[Verdict], dict[str, Explanation]]:
    """A submission whose every word is an attack on the page."""
    explanations = {}
    verdicts = []
    for index, text in enumerate(HOSTILE):
        told = _said(f"{index} {text}", text)
        explanations[told.clause] = told
        verdicts.append(msgspec.structs.replace(of_failure(told, f"9.{text}", text), remark=text, second_opinion=text))
        blocked = clause(f"blocked {index} {text}", f"9.{text}", text, ground=told.clause)
        verdicts.append(Verdict(blocked, Outcome.BLOCKED, actual=text))
    return verdicts, explanations


def _said(id: str, text: str) -> Explanation:
    row = FieldRow(f"udp.{text}", 4, 2, text, True)
    steps = tuple(Step(n, 0.1 * n, text, "student 10.77.0.2", text, n == 1, text, "reset") for n in range(3))
    return Explanation(
        clause=id, requirement="MUST", sentence=text, reference=f"{text} RFC 768", hint=text,
        expected=text, actual=text,
        excerpt=Excerpt(1, text, text.encode("utf-8", "replace")[:64], (row,), text, (row,), 0, 64),
        ladder=Ladder((text, "student 10.77.0.2"), steps),
        output="\n".join(HOSTILE).encode("utf-8", "surrogatepass"), ending=text, capture=text, assertion=text,
    )  # fmt: skip


def all_failures(count: int) -> tuple[list[Verdict], dict[str, Explanation]]:
    """A submission of which every clause failed, each with as much to show as an explanation may hold."""
    rows = tuple(FieldRow(f"tcp.field_{n}", 2 * n, 2, "3735928559 (0xdeadbeef)", n == 3) for n in range(18))
    label = "61413 → 80 PA seq 1000 (3735928559) ack 1001 (3735928560) len 1448"
    steps = tuple(Step(n, n / 1e3, "student 10.77.0.2", "internet 10.77.0.1", label, n == 3) for n in range(12))
    verdicts, explanations = [], {}
    for n in range(count):
        told = msgspec.structs.replace(
            FAILURES["two-ports"](),
            clause=f"clause-number-{n}",
            excerpt=Excerpt(3, "10.77.0.2:61413 > 10.77.0.81:80 TCP PA", bytes(range(256)), (rows[3],), "TCP", rows),
            ladder=Ladder(("student 10.77.0.2", "internet 10.77.0.1"), steps, 900, 400),
            output=f"run {n}\n".encode() + b"A line that the program printed, and it is not short.\n" * 75,
            output_omitted=10**6,
            capture="",
        )
        explanations[told.clause] = told
        verdicts.append(of_failure(told, f"1.{n % 10}", HANDSHAKE))
    return verdicts, explanations


@dataclass
class Element:
    """An element of a page that was read."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Elements below this one, by tag and by attributes; `of` is a class."""
        of = attributes.pop("of", "")
        found = []
        for child in self.children:
            fits = (not tag or child.tag == tag) and (not of or of in (child.attributes.get("class") or "").split())
            if fits and all(child.attributes.get(name) == value for name, value in attributes.items()):
                found.append(child)
            found += child.all(tag, of=of, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str) -> Element:
        """The only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def words(self) -> str:
        """All its text, with single spaces."""
        return " ".join(self.text.split())


class _Reader(HTMLParser):
    _VOID = ("meta", "link", "input", "br")

    def __init__(self) -> None:
        super().__init__()
        self.stack = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.stack[-1].children.append(element)
        if tag not in self._VOID:
            self.stack.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.stack[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack[-1].tag == tag, f"</{tag}> closes <{self.stack[-1].tag}>"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        for element in self.stack:
            element.text += data


def read(text: str) -> Element:
    """Read a page; elements that are not closed in order are an error."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.stack) == 1, reader.stack[-1].tag
    return reader.stack[0]
