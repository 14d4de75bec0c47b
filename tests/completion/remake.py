"""Make the completion scripts again from the commands' own parsers: `python -m tests.completion.remake`."""

from __future__ import annotations

import argparse

import shtab

from pytest_netlab.cli import parser_of_all
from pytest_netlab.cli.completion import SCRIPTS, SHELLS

FILES = {"CAPTURE", "FILE", "PROGRAM"}
DIRECTORIES = {"DIR", "SUBMISSIONS"}


def script(shell: str) -> str:
    """The script for one shell; the same on every supported Python."""
    parser = parser_of_all()
    for each in _parsers(parser):
        each.description = each.epilog = None
        for action in each._actions:
            if action.metavar in FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
            elif action.metavar in DIRECTORIES:
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    return str(shtab.complete(parser, shell)).rstrip() + "\n"


def _parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = [parser]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                found += _parsers(each)
    return found


if __name__ == "__main__":
    for shell in SHELLS:
        (SCRIPTS / f"pytest-netlab.{shell}").write_text(script(shell), encoding="utf-8")
