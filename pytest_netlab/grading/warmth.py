"""Which modules a program is certain to import from Scapy first: what a warm interpreter may have imported for it.

Scapy dissects by what has been imported: with `scapy.layers.dns`, UDP port 53 reads as DNS, without it as bytes. So a
program gets exactly the modules that its own code imports before it does anything else of note, found by reading
that code and never by running it: statements of the file itself and of the submission's modules that it imports, at
their outermost level or in a `try` there. What a program imports elsewhere, or in other ways, it imports itself.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Final

from pytest_netlab.lab.snapshot import Snapshot

_KNOWN: Final = re.compile(
    r"scapy\.(all|ansmachine|arch|automaton|base_classes|config|data|error|fields|interfaces|layers\.[a-z0-9_]+|packet"
    r"|plist|route6?|sendrecv|sessions|supersocket|utils6?|volatile)"
)
"""Modules that only define things when they are imported. Others are left to the program."""
_MOST: Final = 64


def modules_of(files: Snapshot, name: str) -> tuple[str, ...]:
    """The modules of Scapy that the program `name` begins with, sorted.

    Args:
        files: the submission.
        name: its file, such as `"scapy_ping.py"`. One that is no Python begins with none.
    """
    found: set[str] = set()
    waiting, seen = [name], {name}
    while waiting and len(seen) < _MOST:
        for module in _imported(files.file(waiting.pop()) or b""):
            if _KNOWN.fullmatch(module):
                found.add(module)
            for own in (module.replace(".", "/") + ".py", module.replace(".", "/") + "/__init__.py"):
                if own not in seen and files.file(own) is not None:
                    seen.add(own)
                    waiting.append(own)
    return tuple(sorted(found))


def _imported(source: bytes) -> Iterator[str]:
    """Names of modules that this code imports when it begins; some may be names of what is in them instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a submission's code it is for the program to say
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
    for statement in _outermost(body):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module
            if statement.module in ("scapy", "scapy.layers"):
                yield from (f"{statement.module}.{alias.name}" for alias in statement.names)


def _outermost(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from _outermost(statement.body)
        else:
            yield statement
