"""The report for people: one submission, one page, one file that needs nothing else.

    page         verdicts and explanations → what the page says, in order
    words        what each outcome is called, and what it means
    octets       a frame's bytes and fields, tied to each other
    ladder       a conversation as places on a drawing
    references   "RFC 9293 §3.5" → a link to that section
    captures     recordings, inside the page or beside it
    document     the page → HTML; its security policy

Rules: whatever a program printed or sent is escaped for HTML, and made visible where it would hide or turn the
direction of writing (`report.printable`), by the template engine itself, not by whoever writes a template. The page
asks for nothing over the network; its style and its script are the only ones that it lets run. `render` reads no
file, no clock and no setting; `write` does.

Jinja2 is imported when a page is rendered, never before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.outcome import Verdict
from pytest_netlab.grading.result import write_atomically
from pytest_netlab.report.html.captures import Kept, gather
from pytest_netlab.report.html.page import About, page


def render(
    verdicts: Iterable[Verdict],
    explanations: Mapping[str, Explanation],
    about: About,
    captures: Mapping[str, Kept] | None = None,
) -> str:
    """Render a submission's report.

    Args:
        verdicts: of all clauses that were judged.
        explanations: of those that failed, by the clause's id.
        about: what the page says of the run.
        captures: what became of each verdict's capture, by the path that the verdict gives.

    Returns:
        A whole HTML document.
    """
    from pytest_netlab.report.html.document import html

    return html(page(verdicts, explanations, about, captures or {}))


def write(
    path: Path,
    verdicts: Iterable[Verdict],
    explanations: Mapping[str, Explanation],
    about: About,
    *,
    relative_to: Path | None = None,
) -> None:
    """Write a submission's report, captures included, atomically: a reader sees the old page or the whole new one.

    Args:
        path: the page; its directory is made where it is missing.
        verdicts: of all clauses that were judged.
        explanations: of those that failed, by the clause's id.
        about: what the page says of the run.
        relative_to: directory that the verdicts' captures are relative to; the working directory where it is None.

    Raises:
        OSError: the page cannot be written. A capture that cannot be read is no error: the page says so.
    """
    told = list(verdicts)
    kept = gather((each.capture for each in told), page=path, relative_to=relative_to or Path.cwd())
    text = render(told, explanations, about, kept)
    write_atomically(path, text.encode("utf-8", "backslashreplace"))


__all__ = ["About", "Kept", "render", "write"]
