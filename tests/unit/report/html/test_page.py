"""What stands on the page, in which order, and that nothing of a submission acts there."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import replace

import msgspec
import pytest

from pytest_netlab.report.html import About, Kept, render
from tests.unit.report.pages import ABOUT, HOSTILE, Element, all_failures, clause, every_kind, hostile, read


@pytest.fixture(scope="module")
def page() -> Element:
    return read(render(*every_kind(), ABOUT))


def test_score_and_name_stand_on_top(page: Element) -> None:
    assert page.one("h1").words == "2 of 7 points"
    assert page.one("title").words == "2 of 7 points: alice"
    assert "alice graded 21 November 2026, 06:45 UTC, certified" in page.one("p", of="what").words
    assert page.one("html").attributes["lang"] == "en"


def test_exercises_are_in_the_order_in_which_they_are_taught(page: Element) -> None:
    assert [each.words.split()[0] for each in page.all("h2")[:3]] == ["0.1", "1.10", "2.2"]
    rows = [each.words for each in page.one("nav").all("li")]
    assert rows == [
        "0.1 One character out, four back 1 of 4",
        "1.10 A UDP header by hand 0 of 0",
        "2.2 The three-way handshake by hand 1 of 3",
    ]
    targets = [each.attributes["href"] for each in page.one("nav").all("a")]
    assert [page.one("section", id=str(each)[1:]).tag for each in targets] == ["section"] * 3


def test_failed_clauses_come_first_and_are_open(page: Element) -> None:
    told = [(each.attributes["id"], "open" in each.attributes) for each in page.all("details")]
    assert told == [
        ("clause-abcd-client-payload", True),
        ("clause-server-lost", True),
        ("clause-server-quick", False),
        ("clause-server-listens", False),
        ("clause-raw-udp-checksum", False),
        ("clause-handshake-one-port", True),
        ("clause-handshake-accepted", False),
        ("clause-handshake-syn", False),
    ]


def test_a_failure_tells_everything_in_order(page: Element) -> None:
    told = page.one("details", id="clause-handshake-one-port")
    parts = (
        "Failed", "SYN and ACK leave from the same port.", "0 of 1", "handshake-one-port", "MUST",
        "Expected", "61413 (0xefe5)", "Actual", "46593 (0xb601); the server sent RST in frame 4", "Asserted",
        "Frame 3", "0020", "src_port", "The conversation", "student", "scanme.nmap.org",
        "reset: no SYN came from port 46593", "Manual handshake completed successfully",
        "Ended by itself, exit status 0.", "Reference", "RFC 9293 §3.3.1, §3.5",
        "Hint", "Choose the source port once",
    )  # fmt: skip
    at = 0
    for part in parts:
        assert part in told.words[at:], f"{part!r} behind {told.words[:at][-60:]!r}"
        at = told.words.index(part, at)


def test_what_was_not_judged_is_explained_in_words(page: Element) -> None:
    blocked = page.one("details", id="clause-handshake-accepted")
    assert "not judged, because what it builds on did not pass: SYN and ACK leave from the same port." in blocked.words
    assert "#clause-handshake-one-port" in [each.attributes["href"] for each in blocked.all("a")]
    broken = page.one("details", id="clause-server-lost")
    assert "There is no verdict, and that is no fault of the program." in broken.words
    assert "KeyError: 'oops'" in broken.words
    undecided = page.one("details", id="clause-server-quick")
    assert "does not count as passed" in undecided.words
    banners = " ".join(each.words for each in page.all("p", of="banner"))
    assert "No verdict on 1 clause." in banners
    assert "1 clause needs evidence that this run did not have." in banners
    passed = page.one("details", id="clause-handshake-syn").words
    assert "its checksum was left unfinished" in passed
    assert "Wireshark reads this recording as the grader does" in passed


def test_advice_is_no_fault_unless_the_run_is_strict() -> None:
    verdicts, explanations = every_kind()
    told = read(render(verdicts, explanations, ABOUT)).one("details", id="clause-raw-udp-checksum")
    assert told.one("span", of="outcome").words == "Advice"
    strict = read(render(verdicts, explanations, replace(ABOUT, strict=True)))
    told = strict.one("details", id="clause-raw-udp-checksum")
    assert (told.one("span", of="outcome").words, told.one("span", of="earned").words) == ("Failed", "0 of 1")
    assert strict.one("h1").words == "2 of 8 points"


def test_a_bar_is_as_long_as_the_points(page: Element) -> None:
    for bar in page.all("svg", of="bar"):
        parts = [
            (float(str(each.attributes["x"])), float(str(each.attributes["width"]))) for each in bar.all("rect")[1:]
        ]
        reached = 0.0
        for x, width in parts:
            assert x == pytest.approx(reached, abs=0.02)
            reached = x + width
        assert reached == pytest.approx(100, abs=0.02) or not parts


def test_the_ring_is_a_circle_of_the_points(page: Element) -> None:
    arcs = [each for each in page.one("div", of="ring").all("circle") if "stroke-dasharray" in each.attributes]
    drawn = [[float(each) for each in str(arc.attributes["stroke-dasharray"]).split()] for arc in arcs]
    assert [sum(each) for each in drawn] == [pytest.approx(100)] * 2
    assert [each[0] for each in drawn] == [pytest.approx(100 * 2 / 7, abs=0.01)] * 2
    starts = [25 - float(str(arc.attributes["stroke-dashoffset"])) for arc in arcs]
    assert starts == [0, pytest.approx(100 * 2 / 7, abs=0.01)]


def test_every_link_on_the_page_leads_somewhere(page: Element) -> None:
    places = {each.attributes["id"] for each in page.all() if "id" in each.attributes}
    assert len(places) == len([each for each in page.all() if "id" in each.attributes])
    inside = {str(each.attributes["href"])[1:] for each in page.all("a") if str(each.attributes["href"])[0] == "#"}
    assert inside - places == set()
    outside = {str(each.attributes["href"]) for each in page.all("a") if str(each.attributes["href"])[0] != "#"}
    assert {each for each in outside if not each.startswith("https://www.rfc-editor.org/rfc/rfc")} == set()
    for each in page.all():
        for name in ("aria-labelledby", "for"):
            assert each.attributes.get(name) is None or each.attributes[name] in places


def test_only_its_own_style_and_script_may_run(page: Element) -> None:
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'{digest(page.one('style').text)}'",
        "script-src": f"'{digest(page.one('script').text)}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    for each in page.all():
        acting = {name for name in each.attributes if name.startswith("on") or name in ("style", "src", "srcset")}
        assert acting == set(), each


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_nothing_of_a_hostile_submission_becomes_markup() -> None:
    plain, attacked = render(*every_kind(), ABOUT), render(*hostile(), replace(ABOUT, submission=HOSTILE[3]))
    known = {(each.tag, name) for each in read(plain).all() for name in (*each.attributes, "")}
    found = {(each.tag, name) for each in read(attacked).all() for name in (*each.attributes, "")}
    # Pages of gentle submissions have no clause whose label is cut, nor output that is shown elsewhere.
    assert found - known <= {("title", "")}
    assert "{{ 7 * 7 }}" in attacked
    assert 'href="javascript:' not in attacked


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hides_or_turns_the_text(text: str) -> None:
    attacked = render(*hostile(), replace(ABOUT, submission=text, interrupted=text))
    assert (
        re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]", attacked) == []
    )
    assert not any(0xD800 <= ord(each) < 0xE000 or ord(each) >= 0xE0000 for each in attacked)
    assert "\\x1b[2J" in attacked
    assert "\\u202egnp.exe" in attacked


def test_an_interrupted_run_says_so() -> None:
    told = read(render(*every_kind(), replace(ABOUT, interrupted="it was interrupted (Ctrl-C)")))
    assert "This run is not complete: it was interrupted (Ctrl-C)." in told.one("p", of="interrupted").words


def test_a_run_without_a_verdict_is_a_page_too() -> None:
    told = read(render([], {}, About(tier="offline", certified=False, interrupted="it was interrupted")))
    assert told.one("h1").words == "0 of 0 points"
    assert "No clause was judged." in told.one("main").words


def test_a_perfect_run_says_so() -> None:
    verdicts, _ = every_kind()
    told = read(render([verdicts[0]], {}, ABOUT))
    assert told.one("p", of="summary").words == "Every clause that counts holds."
    assert told.one("span", of="percent").words == "100%"


def test_less_than_all_is_never_called_all() -> None:
    verdicts, explanations = all_failures(1)
    ground = every_kind()[0][0]
    passed = [msgspec.structs.replace(ground, clause=clause(f"holds-{n}", "0.1", "x")) for n in range(400)]
    told = read(render([*passed, *verdicts], explanations, ABOUT))
    assert told.one("h1").words == "400 of 401 points"
    assert told.one("span", of="percent").words == "99%"


def test_an_uncertified_run_says_so() -> None:
    told = read(render(*every_kind(), replace(ABOUT, tier="loopback", certified=False)))
    assert "In the tier loopback, a hostile program could forge evidence." in told.words
    told = read(render(*every_kind(), replace(ABOUT, tier="offline", certified=False, replay=True)))
    assert "Saved captures were judged again" in told.words


def test_captures_are_inside_or_beside_or_missed() -> None:
    verdicts, explanations = every_kind()
    path = next(each.capture for each in verdicts if each.clause.id == "handshake-one-port")

    def shown(kept: Kept | None) -> Element:
        text = render(verdicts, explanations, ABOUT, {path: kept} if kept else {})
        return read(text).one("details", id="clause-handshake-one-port").one("div", of="capture")

    inside = shown(Kept(1380, inside="data:application/x-pcapng;base64,Cg0NCg=="))
    link = inside.one("a")
    assert link.attributes["download"] == "handshake-one-port.pcapng"
    assert inside.words == "Download the capture 1.4 kB, pcapng wireshark -g 3 handshake-one-port.pcapng"
    beside = shown(Kept(9_400_000, beside="./captures/x/capture.pcapng"))
    assert beside.one("a").attributes["href"] == "./captures/x/capture.pcapng"
    assert "9.4 MB" in beside.words
    assert "too large to be inside this page" in beside.words
    assert "could not be read" in shown(None).words


def test_a_page_full_of_failures_stays_under_a_megabyte() -> None:
    """180 clauses, as many as the curriculum has, all with as much as an explanation holds."""
    text = render(*all_failures(180), ABOUT)
    assert 500_000 < len(text.encode()) < 1_000_000
    told = read(text)
    assert len(told.all("details", of="failed")) == 180
    assert 20 < len(told.all("figure", of="ladder")) < 180
    assert "left out here, to keep this page small" in told.all("details")[-1].words


def test_the_same_output_stands_on_the_page_once() -> None:
    verdicts, explanations = all_failures(3)
    first = next(iter(explanations.values()))
    same = {id: msgspec.structs.replace(each, output=first.output) for id, each in explanations.items()}
    told = read(render(verdicts, same, ABOUT))
    assert len(told.all("pre")) == 1
    assert told.words.count("The program’s output is the same as under") == 2


def test_rendering_reads_nothing_and_is_the_same_every_time() -> None:
    assert render(*every_kind(), ABOUT) == render(*every_kind(), ABOUT)


def test_jinja_is_loaded_when_a_page_is_rendered_and_not_before() -> None:
    program = "import sys, pytest_netlab.report.html, pytest_netlab.plugin.pages; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
