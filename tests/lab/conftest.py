"""Looking from inside the sandbox: a snippet of Python runs as the program under test and prints what it finds."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pytest_netlab import Lab
from pytest_netlab.lab.snapshot import Entry, Snapshot

Inside = Callable[..., Any]
"""Runs a snippet in the sandbox; returns what it gave to `tell`, a value of JSON."""

PREAMBLE = b"""\
import ctypes, errno, json, os, socket, sys
def tell(value):
    print(json.dumps(value), flush=True)
def refused(call):
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno]
    return ""
"""


@pytest.fixture
def inside(lab: Lab) -> Inside:
    def run(snippet: str, files: tuple[Entry, ...] = (), **launch: Any) -> Any:
        snapshot = Snapshot((*files, Entry(b"snippet.py", "file", data=PREAMBLE + snippet.encode())))
        with lab.launch([sys.executable, "snippet.py"], snapshot, **launch) as program:
            assert program.wait(20), program.output
        assert program.status == 0, os.fsdecode(program.output) + program.not_started
        return json.loads(program.output)

    return run
