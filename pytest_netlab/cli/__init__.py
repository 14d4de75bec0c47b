"""The command `pytest-netlab`."""

from __future__ import annotations


def main() -> int:
    """Entry point."""
    raise SystemExit("not yet")
