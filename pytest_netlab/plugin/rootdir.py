"""A submission is never pytest's root directory, and its settings are nobody's.

pytest looks for root directory and ini file before it loads plugins, and so before it knows our options: of
`--netlab-solutions DIR` it takes DIR for a directory of tests. Where no other settings are found, those in DIR would
hold for the grading of DIR. Whoever works inside DIR has chosen them, and keeps them.
"""

from __future__ import annotations

from pathlib import Path

import pytest


def keep_out(config: pytest.Config) -> None:
    """Before any conftest is read: leave the submission.

    Raises:
        pytest.UsageError: the settings of the submission were read already; they may have changed anything.
    """
    known = config.known_args_namespace
    for option, given in (("solutions", known.netlab_solutions), ("replay", known.netlab_replay)):
        directory = (config.invocation_params.dir / given).resolve() if given else None
        if directory is None or config.invocation_params.dir.resolve().is_relative_to(directory):
            continue
        if _inside(config.inipath, directory) and not known.inifilename:
            raise pytest.UsageError(
                f"--netlab-{option}: {config.inipath} would be pytest's settings, and whoever is graded wrote them; "
                f"write --netlab-{option}={given}, with the sign ="
            )
        if _inside(config.rootpath, directory) and not known.rootdir:
            config._rootpath = config.invocation_params.dir


def _inside(path: Path | None, directory: Path) -> bool:
    return path is not None and path.resolve().is_relative_to(directory)
