"""pytest-netlab shell: a person on the student host."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.cli.terminals import Terminal

PROMPT = "netlab:student"
JOB = """
import signal
signal.signal(signal.SIGCONT, lambda *_: print("going on", flush=True))
print("started", flush=True)
while True:
    signal.pause()
"""


def test_a_shell_in_the_lab(tmp_path: Path) -> None:
    with Terminal("shell", "--capture", "all.pcapng", directory=tmp_path, size=(40, 100)) as shell:
        greeting = shell.wait_for(PROMPT)
        assert "httpbin.org 10.77.0.80" in greeting
        assert "ping -c 1 8.8.8.8" in greeting
        shell.press("ping -c 1 8.8.8.8 > /dev/null && echo ans''wered\r")
        shell.wait_for("answered")
        shell.press("stty size\r")
        shell.wait_for("40 100")
        shell.resize(50, 120)
        shell.press("stty size\r")
        shell.wait_for("50 120")
        shell.press("exit 5\r")
        assert shell.wait_end() == 5
        assert shell.settings == shell.before
    assert (tmp_path / "all.pcapng").exists()


def test_jobs_are_controlled_and_tcpdump_hears(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(JOB)
    with Terminal("shell", directory=tmp_path) as shell:
        shell.wait_for(PROMPT)
        shell.press(f"{sys.executable} job.py\r")
        shell.wait_for("started")
        shell.press("\x1a")
        shell.wait_for("Stopped")
        shell.press("fg\r")
        shell.wait_for("going on")  # until it is continued the terminal is bash's own, and so is Ctrl-C
        shell.press("\x03")
        shell.wait_for(PROMPT, count=3)
        shell.press("tcpdump -n -c 1 -i eth0 icmp &\r")
        shell.wait_for("listening on eth0")
        shell.press("ping -c 1 8.8.8.8\r")
        shell.wait_for("10.77.0.2 > 8.8.8.8: ICMP echo request")
        shell.press("\x04")
        shell.wait_end()


def test_the_working_directory_is_the_user_s_own_and_root_gets_a_copy(tmp_path: Path) -> None:
    (tmp_path / "given").write_text("what was there\n")
    with Terminal("shell", directory=tmp_path) as shell:
        shell.wait_for(PROMPT)
        shell.press("cat given; echo new > made; echo do''ne\r")
        assert "what was there" in shell.wait_for("done")
        shell.press("exit\r")
        assert shell.wait_end() == 0
    assert (tmp_path / "made").exists() == (os.geteuid() != 0)


@pytest.mark.parametrize("peer", ["silent"])
def test_peers_by_name(peer: str, tmp_path: Path) -> None:
    with Terminal("shell", "--peer", peer, directory=tmp_path) as shell:
        assert "answer nothing at all" in shell.wait_for(PROMPT)
        shell.press("ping -c 1 -W 1 8.8.8.8 > /dev/null || echo si''lence\r")
        shell.wait_for("silence")
        shell.press("exit\r")
        shell.wait_end()
