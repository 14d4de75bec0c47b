"""Whether a checkout may be released under a tag: tag, version and changelog have to say the same.

    python .ci/release_ready.py v0.2.0 [CHECKOUT]

Prints what is wrong, each with the remedy, and ends with status 1; with nothing to say, with 0. It imports nothing of
the project, so that it runs before anything is installed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_VERSION = re.compile(r'^__version__ = "(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"$', re.MULTILINE)


def problems(tag: str, checkout: Path) -> list[str]:
    """What stands in the way of the release."""
    stated = _VERSION.findall((checkout / "pytest_netlab" / "__init__.py").read_text(encoding="utf-8"))
    if len(stated) != 1:
        return ['pytest_netlab/__init__.py: there is no one line __version__ = "X.Y.Z"']
    version = stated[0]
    found = []
    if tag != f"v{version}":
        found.append(f"the tag is {tag} and the version {version}: tag v{version}, or change the version")
    changes = (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = rf"^## {re.escape(version)} - \d{{4}}-\d{{2}}-\d{{2}}$"
    if not re.search(heading, changes, re.MULTILINE):
        found.append(f"CHANGELOG.md: there is no heading `## {version} - YYYY-MM-DD`: give Unreleased this name")
    left = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL)
    if left and left[1].strip():
        found.append("CHANGELOG.md: there are entries under Unreleased: move them below the version's heading")
    return found


if __name__ == "__main__":
    said = problems(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "."))
    print(*said, sep="\n", end="\n" if said else "")
    sys.exit(1 if said else 0)
