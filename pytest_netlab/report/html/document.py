"""The page as HTML: template, style, script, and the policy under which a browser shows them.

The policy (Content Security Policy Level 3) forbids everything and then allows one style and one script, by the
SHA-256 of their text, and images inside the page. No attribute may carry style or script; the templates have none.

A page of a submission in which everything fails stays small: when the bytes, conversations and outputs of the
failures before it have filled `EVIDENCE` octets, a failure keeps its words and its capture, and says so.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import Any, Final

import jinja2
from markupsafe import Markup

from pytest_netlab.report.html import ladder, words
from pytest_netlab.report.html.page import Page
from pytest_netlab.report.printable import printable

EVIDENCE: Final = 500_000
"""Octets of bytes, conversations and outputs on a page."""


def html(page: Page) -> str:
    """Render a page."""
    environment = _environment()
    style = _source(environment, "report.css") + _ties(page)
    script = _source(environment, "report.js")
    return environment.get_template("report.html.j2").render(
        page=page,
        about=page.about,
        evidence=_evidence(environment, page),
        kinds=words.KINDS,
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script),
        title=_title(page),
    )


def policy(style: str, script: str) -> str:
    """The Content Security Policy for a page with this style and this script."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pytest_netlab.report.html", "templates"),
        autoescape=True,
        finalize=_harmless,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"points": words.points, "size": words.size}
    environment.globals |= {"number": words.number, "verb": words.verb, "told": ladder.told}
    return environment


def _harmless(value: Any) -> Any:
    """What an expression in a template gives, before it is escaped: nothing that hides, acts or turns the text."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _source(environment: jinja2.Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _ties(page: Page) -> str:
    """Style that marks a field's bytes and its row while either is pointed at or has the focus."""
    shown = [clause.octets for exercise in page.exercises for clause in exercise.clauses if clause.octets]
    most = max((len(each.entries) for each in shown), default=0)
    return "".join(
        f".frame:has(.f{n}:is(:hover,:focus-within)) .f{n}{{background:var(--tie);color:var(--tie-ink)}}\n"
        for n in range(most)
    )


def _evidence(environment: jinja2.Environment, page: Page) -> dict[str, Markup]:
    """Bytes, conversation and output of each failure, by clause, as long as there is room."""
    template = environment.get_template("evidence.html.j2")
    told: dict[str, Markup] = {}
    used = 0
    for clause in (each for exercise in page.exercises for each in exercise.clauses if each.explained):
        text = template.render(clause=clause)
        size = len(text.encode("utf-8", "replace"))
        if used + size > EVIDENCE:
            break
        told[clause.clause.id] = Markup(text)
        used += size
    return told


def _title(page: Page) -> str:
    score = f"{words.points(page.score)} of {words.points(page.max_score)} points"
    return f"{score}: {page.about.submission}" if page.about.submission else score
