"""A completion script for your shell, on standard output.

The scripts are made from the commands' own options and come with the package: nothing else is needed to use them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from pytest_netlab.cli.wording import described

HELP = "a completion script for bash, zsh or fish"

SHELLS: Final = ("bash", "zsh", "fish")
SCRIPTS: Final = Path(__file__).parent / "completions"

EXAMPLE: Final = """\
examples:
  pytest-netlab completion bash >> ~/.bash_completion
  pytest-netlab completion zsh > ~/.zfunc/_pytest-netlab       with fpath+=~/.zfunc before compinit
  pytest-netlab completion fish > ~/.config/fish/completions/pytest-netlab.fish

exit status:
  0 printed; 4 a wrong call
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    described(parser, EXAMPLE)
    parser.add_argument("shell", choices=SHELLS, help="for which shell")


def run(arguments: argparse.Namespace) -> int:
    """Print the script, and return the exit status."""
    print((SCRIPTS / f"pytest-netlab.{arguments.shell}").read_text(encoding="utf-8"), end="")
    return 0
