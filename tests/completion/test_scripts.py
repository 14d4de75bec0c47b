"""The completion scripts are those of today's options, and bash completes with them."""

from __future__ import annotations

import subprocess

import pytest

from pytest_netlab.cli import COMMANDS, main
from pytest_netlab.cli.completion import SCRIPTS, SHELLS
from tests.completion.remake import script


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_are_current(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert capsys.readouterr().out == script(shell), "run `python -m tests.completion.remake`"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["pytest-netlab", ""], {*COMMANDS}),
        (["pytest-netlab", "sh"], {"shell", "show"}),
        (["pytest-netlab", "run", "--peer", "cl"], {"closed", "closes-first", "clients"}),
        (["pytest-netlab", "show", "--pro"], {"--proto"}),
    ],
)
def test_bash_completes(typed: list[str], offered: set[str]) -> None:
    program = (
        f"source {SCRIPTS}/pytest-netlab.bash; COMP_WORDS=({' '.join(repr(word) for word in typed)}); "
        f"COMP_CWORD={len(typed) - 1}; _shtab_pytest_netlab; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert offered <= set(done.stdout.split())
    assert not typed[-1] or offered == set(done.stdout.split())
