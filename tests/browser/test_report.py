"""The page in a real browser, without a hand on a mouse: what it marks, filters, saves, prints and says."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from pytest_netlab.report import html
from tests.browser.chromium import Browser
from tests.browser.conftest import CAPTURE
from tests.unit.report.pages import ABOUT, HOSTILE, all_failures, hostile

CLAUSE = "#clause-handshake-one-port"
MARKED = """
    const tie = getComputedStyle(document.documentElement).getPropertyValue("--tie").match(/[0-9a-f]{2}/gi);
    const colour = `rgb(${tie.map((each) => parseInt(each, 16)).join(", ")})`;
    return [...document.querySelectorAll(".frame :is(span, tr)")]
        .filter((each) => getComputedStyle(each).backgroundColor === colour)
        .map((each) => each.innerText.trim());
"""
VISIBLE = (
    "return [...document.querySelectorAll('.clause')].filter((each) => each.checkVisibility()).map((each) => each.id)"
)


def find(page: Browser, css: str) -> WebElement:
    return page.driver.find_element(By.CSS_SELECTOR, css)


def field(page: Browser, name: str) -> WebElement:
    """A field's name in the table of the failure that these tests look at."""
    return page.driver.find_element(By.XPATH, f"//details[@id='{CLAUSE[1:]}']//th/span[text()='{name}']")


def octets(page: Browser, text: str) -> WebElement:
    """Bytes in its dump."""
    return page.driver.find_element(By.XPATH, f"//details[@id='{CLAUSE[1:]}']//*[@tabindex][text()='{text}']")


def focused(page: Browser) -> str:
    return str(page.run("return document.activeElement.innerText"))


def test_pointing_at_a_field_marks_its_bytes(page: Browser) -> None:
    assert page.run(MARKED) == []
    ActionChains(page.driver).move_to_element(field(page, "ack")).perform()
    assert page.run(MARKED) == ["de ad be f0", "····", "42\tack\t3735928560 (0xdeadbef0)"]


def test_pointing_at_bytes_marks_their_field(page: Browser) -> None:
    ActionChains(page.driver).move_to_element(octets(page, "03 e9")).perform()
    assert page.run(MARKED)[-1] == "38\tseq\t1001 (0x000003e9)"
    ActionChains(page.driver).move_to_element(octets(page, "50")).perform()
    assert [each.split("\t")[1] for each in page.run(MARKED)[-2:]] == ["data_offset", "reserved"]
    ActionChains(page.driver).move_to_element(find(page, "h1")).perform()
    assert page.run(MARKED) == []


def test_the_focus_marks_both_ways(page: Browser) -> None:
    page.run("arguments[0].focus()", field(page, "src_port"))
    assert page.run(MARKED)[0] == "b6 01"
    page.run("arguments[0].focus()", octets(page, "b6 01"))
    assert page.run(MARKED)[-1].startswith("34\tsrc_port\t46593 (0xb601)")


def test_arrows_go_from_field_to_field(page: Browser) -> None:
    page.run("arguments[0].focus()", field(page, "src_port"))
    keys = ActionChains(page.driver)
    keys.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN).perform()
    assert focused(page) == "seq"
    assert page.run(MARKED)[-1].split("\t")[1] == "seq"
    ActionChains(page.driver).send_keys(Keys.END).perform()
    assert focused(page) == "urgent_pointer"
    ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
    assert focused(page) == "b6 01"


def test_the_filter_works_with_the_keyboard_and_says_what_it_does(page: Browser) -> None:
    everything = page.run(VISIBLE)
    assert len(everything) == 8
    page.run("document.getElementById('show-all').focus()")
    ActionChains(page.driver).send_keys(Keys.ARROW_RIGHT).perform()
    assert page.run(VISIBLE) == ["clause-abcd-client-payload", "clause-handshake-one-port"]
    assert find(page, ".status").text == "2 of 8 clauses shown"
    headings = [each.text for each in page.driver.find_elements(By.CSS_SELECTOR, "section h2") if each.is_displayed()]
    assert [each.split()[0] for each in headings] == ["0.1", "2.2"]
    outline = "return getComputedStyle(document.querySelector('#show-failed + label')).outlineStyle"
    assert page.run(outline) == "solid"
    ActionChains(page.driver).send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT).perform()
    assert page.run(VISIBLE) == ["clause-server-lost", "clause-server-quick", "clause-handshake-accepted"]


def test_a_link_opens_what_it_leads_to_even_where_the_filter_hides_it(page: Browser, report: Path) -> None:
    page.run("document.getElementById('show-passed').click()")
    assert page.run(VISIBLE) == ["clause-server-listens", "clause-handshake-syn"]
    find(page, ".summary a").click()
    WebDriverWait(page.driver, 10).until(lambda _: find(page, "#clause-abcd-client-payload").is_displayed())
    page.open(report, "#clause-handshake-syn")
    assert find(page, "#clause-handshake-syn").get_attribute("open")


def test_everything_opens_and_closes(page: Browser) -> None:
    opened = "return document.querySelectorAll('.clause[open]').length"
    for words, count in (("Open all", 8), ("Close all", 0)):
        page.driver.find_element(By.XPATH, f"//button[text()='{words}']").click()
        assert page.run(opened) == count


def test_without_script_it_is_all_there(browser: Browser, report: Path) -> None:
    """Filter, marks, folding and download are the browser's own; the script adds comfort."""
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.size(1100)
        browser.open(report)
        assert browser.driver.find_elements(By.XPATH, "//button") == []
        find(browser, "label[for=show-failed]").click()
        assert browser.run(VISIBLE) == ["clause-abcd-client-payload", "clause-handshake-one-port"]
        ActionChains(browser.driver).move_to_element(field(browser, "seq")).perform()
        assert browser.run(MARKED)[-1] == "38\tseq\t1001 (0x000003e9)"
        assert str(find(browser, f"{CLAUSE} .download").get_attribute("href")).startswith("data:")
    finally:
        browser.devtools("Emulation.setScriptExecutionDisabled", value=False)


def test_the_capture_that_is_saved_is_the_capture(page: Browser) -> None:
    saved = page.downloads / "handshake-one-port.pcapng"
    saved.unlink(missing_ok=True)
    find(page, f"{CLAUSE} .download").click()
    WebDriverWait(page.driver, 20).until(lambda _: saved.exists() and saved.stat().st_size == len(CAPTURE))
    assert saved.read_bytes() == CAPTURE
    assert page.console() == []


@pytest.mark.parametrize("what", ["report", "hostile", "failures"])
def test_it_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, report: Path, tmp_path: Path, what: str
) -> None:
    shown = report
    if what != "report":
        shown = tmp_path / "page.html"
        html.write(shown, *(hostile() if what == "hostile" else all_failures(60)), ABOUT, relative_to=tmp_path)
    browser.open(shown)
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    assert [each for each in browser.requests() if not each.startswith("data:")] == [shown.as_uri()]
    assert browser.console() == []


def test_a_hostile_submission_is_text(browser: Browser, tmp_path: Path) -> None:
    shown = tmp_path / "page.html"
    html.write(shown, *hostile(), ABOUT, relative_to=tmp_path)
    browser.open(shown)
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    assert browser.run("return window.owned") is None
    assert browser.run("return document.querySelectorAll('script').length") == 1
    assert browser.run("return document.querySelectorAll('iframe, img, form, base, [onclick], [onfocus]').length") == 0
    assert browser.run("return getComputedStyle(document.body).display") == "block"
    assert browser.run("return document.querySelectorAll('section').length") == len(HOSTILE)
    printed = browser.run("return document.querySelector('.output pre').innerText").split("\n")
    assert HOSTILE[0] in printed
    assert "\\u202egnp.exe\\u2066\\u200f\\u061c\\ufeff" in printed
    assert [each for each in printed if "\\x00\\x9b31m" in each]
    for each in browser.driver.find_elements(By.CSS_SELECTOR, "a"):
        assert str(each.get_attribute("href")).split(":")[0] in ("file", "https", "data"), each.text


def test_what_a_page_is_made_to_run_by_others_is_refused(page: Browser) -> None:
    """The policy, put to the proof: markup that slipped through would still not act."""
    page.run(
        """
        const slipped = "<img src=x onerror='window.owned = 1'><p style='color:red' id=p>";
        document.body.insertAdjacentHTML("beforeend", slipped);
        const script = document.createElement("script");
        script.textContent = "window.owned = 2";
        document.body.append(script);
        """
    )
    refused = page.console()
    assert len([each for each in refused if "Content Security Policy" in each]) >= 3, refused
    assert page.run("return window.owned") is None
    assert page.run("return getComputedStyle(document.getElementById('p')).color") != "rgb(255, 0, 0)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(page: Browser, scheme: str) -> None:
    """Contrast of at least 4.5 to 1 for text (WCAG 2.2, 1.4.3), whatever stands behind it."""
    page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    page.run("for (const each of document.querySelectorAll('details')) each.open = true")
    measured: list[list[Any]] = page.run(CONTRASTS)
    assert len(measured) > 150
    assert [each for each in measured if each[0] < 4.5] == []
    paper = page.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) > 600) == (scheme == "light")


CONTRASTS = """
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const level = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * level(r) + 0.7152 * level(g) + 0.0722 * level(b);
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = parse(getComputedStyle(each).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || element.closest("script, .unseen, .skip") || !element.checkVisibility())
            continue;
        const style = getComputedStyle(element);
        const band = element.closest(".marked") && element.closest("svg") && document.querySelector(".band");
        const paper = band ? parse(getComputedStyle(band).fill) : behind(element);
        const ink = parse(element.closest("svg") ? style.fill : style.color);
        const [low, high] = [light(ink), light(paper)].sort((a, b) => a - b);
        found.push([(high + 0.05) / (low + 0.05), element.outerHTML.slice(0, 200)]);
    }
    return found;
"""


@pytest.mark.parametrize("width", [320, 390, 768, 1100])
def test_nothing_sticks_out_at_any_width(page: Browser, width: int) -> None:
    page.size(width)
    page.run("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.run("return document.documentElement.scrollWidth") <= width
    drawn = page.run("return document.querySelector('.ladder svg').checkVisibility()")
    listed = page.run("return document.querySelector('.ladder .steps').getBoundingClientRect().width > 100")
    assert (drawn, listed) == ((True, False) if width > 704 else (False, True))


def test_it_prints_on_white_paper_without_its_buttons(page: Browser) -> None:
    page.media("print", prefers_color_scheme="dark")
    assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shown = "return [...document.querySelectorAll(arguments[0])].filter((each) => each.checkVisibility()).length"
    assert page.run(shown, ".tools, .download, .skip") == 0
    assert page.run(shown, ".ladder svg") == 2
    assert page.run(shown, f"{CLAUSE} .hex") == 1
    address = "return getComputedStyle(document.querySelector('.pointers a'), '::after').content"
    assert "attr(href)" in page.run(address) or "rfc-editor.org" in page.run(address)
    printed = base64.b64decode(page.devtools("Page.printToPDF", printBackground=True)["data"])
    assert printed.startswith(b"%PDF-")


def test_nothing_moves_for_those_who_asked_for_rest(page: Browser) -> None:
    moves = (
        "return [getComputedStyle(document.documentElement).scrollBehavior, "
        "getComputedStyle(document.querySelector('.clause')).transitionDuration]"
    )
    page.media(prefers_reduced_motion="reduce")
    assert page.run(moves) == ["auto", "0s"]
    page.media(prefers_reduced_motion="no-preference")
    assert page.run(moves)[0] == "smooth"


def test_a_screen_reader_finds_its_way(page: Browser) -> None:
    nodes = page.devtools("Accessibility.getFullAXTree")["nodes"]
    told = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")]
    for role in ("banner", "main", "contentinfo", "status"):
        assert [each for each, _ in told if each == role] == [role]
    assert ("navigation", "Exercises") in told
    assert ("group", "Show") in told
    assert {("radio", "All 8"), ("radio", "Failed 2")} <= set(told)
    headings = [name for role, name in told if role == "heading"]
    assert headings[0] == "2 of 7 points"
    assert "SYN and ACK leave from the same port." in headings
    assert ("group", "Bytes of frame 3, at fault: tcp.src_port at byte 34") in told
    assert ("list", "The conversation, packet by packet") in told
    assert ("rowheader", "src_port") in told


def test_the_first_key_leads_past_the_navigation(page: Browser) -> None:
    ActionChains(page.driver).send_keys(Keys.TAB).perform()
    assert focused(page) == "Skip to the clauses"
    ActionChains(page.driver).send_keys(Keys.ENTER).perform()
    WebDriverWait(page.driver, 10).until(
        lambda _: page.run("return document.activeElement.id || document.activeElement.tagName") == "clauses"
    )
