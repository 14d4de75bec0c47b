"""A program's life, from exec to the end of everything that it started."""

from __future__ import annotations

import io
import os
import select
import signal
import sys
import time
from functools import partial

import pytest

from pytest_netlab import Lab, Program
from pytest_netlab.lab.messages import Limits
from pytest_netlab.lab.process import open_terminal
from pytest_netlab.lab.snapshot import Entry, Snapshot

SOON_S = 10.0


def python(lab: Lab, code: str, *, limits: Limits | None = None, collect: bool = False) -> Program:
    files = Snapshot((Entry(b"x.py", "file", data=b"import os, signal, sys, time\n" + code.encode()),))
    return lab.launch([sys.executable, "x.py"], files, limits=limits, collect=collect)


@pytest.mark.parametrize("status", [0, 1, 3, 127, 255])
def test_exit_status_is_reported(lab: Lab, status: int) -> None:
    with python(lab, f"sys.exit({status})") as program:
        assert program.wait(SOON_S)
    assert (program.status, program.stopped_by, program.not_started) == (status, "", "")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGINT])
def test_signal_that_ended_it_is_reported(lab: Lab, number: signal.Signals) -> None:
    with python(lab, f"signal.signal({int(number)}, signal.SIG_DFL) if {int(number)} != 9 else 0\n"
                     f"os.kill(os.getpid(), {int(number)})") as program:  # fmt: skip
        assert program.wait(SOON_S)
    assert (program.status, program.stopped_by) == (-number, "")


def test_its_end_can_be_waited_for_beside_sockets(lab: Lab) -> None:
    with lab.launch(["true"], Snapshot()) as program:
        assert select.select([program], [], [], SOON_S)[0] == [program]
        assert not program.running
        assert program.wait(0)


def test_waiting_for_one_that_goes_on_ends_in_time(lab: Lab) -> None:
    with lab.launch(["cat"], Snapshot()) as program:
        assert not program.wait(0.01)
        assert program.running
        assert program.status is None


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["./nothing"], "./nothing: No such file or directory"),
        (["no-such-command"], "no-such-command: No such file or directory"),
        (["./text"], "./text: Permission denied"),
        (["./binary"], "./binary: Exec format error"),
        (["/submission"], "/submission: Permission denied"),
    ],
)
def test_what_cannot_be_executed_is_said(lab: Lab, argv: list[str], words: str) -> None:
    files = Snapshot(
        (
            Entry(b"binary", "file", executable=True, data=b"\x7fELF nonsense"),
            Entry(b"text", "file", data=b"#!/bin/sh\n"),
        )
    )
    with lab.launch(argv, files) as program:
        assert program.wait(SOON_S)
    assert program.not_started == words
    assert (program.status, program.output) == (None, b"")


def test_output_is_bytes_as_they_were_written(lab: Lab) -> None:
    every = bytes(range(256))
    with python(
        lab, "sys.stdout.buffer.write(bytes(range(256)) * 2); sys.stderr.buffer.write(b'\\n\\r\\n\\0')"
    ) as program:
        assert program.wait(SOON_S)
    assert program.output == every * 2 + b"\n\r\n\0"


@pytest.mark.parametrize("attempt", range(5))
def test_output_is_whole_when_the_end_is_known(lab: Lab, attempt: int) -> None:
    with python(lab, "sys.stdout.buffer.write(b'x' * 300_000 + b'last')") as program:
        assert program.wait(SOON_S)
        assert len(program.output) == 300_004
        assert program.output.endswith(b"last")


def test_output_is_bounded(lab: Lab) -> None:
    limits = Limits(output_bytes=1 << 20)
    with python(lab, "while True: os.write(1, b'flood' * 10_000)", limits=limits) as program:
        assert program.wait_output(lambda output: len(output) == limits.output_bytes, SOON_S)
        assert program.wait(SOON_S), "it is ended"
    assert (program.status, program.stopped_by) == (-signal.SIGKILL, "limit:output")
    assert program.limit == "limit:output: more than 1 MiB printed"
    assert len(program.output) == limits.output_bytes
    assert program.output_truncated


def test_short_output_is_not_truncated(lab: Lab) -> None:
    with lab.launch(["echo", "one"], Snapshot()) as program:
        assert program.wait(SOON_S)
    assert program.output == b"one\n"
    assert not program.output_truncated


def test_output_can_be_waited_for(lab: Lab) -> None:
    with python(lab, "print('one'); print('two'); time.sleep(60)") as program:
        assert program.wait_output(b"two", SOON_S)
        assert not program.wait_output(b"three", 0.01)
        assert program.running


def test_waiting_for_output_ends_with_the_program(lab: Lab) -> None:
    began = time.monotonic()
    with lab.launch(["echo", "one"], Snapshot()) as program:
        assert not program.wait_output(b"two", 60)
    assert time.monotonic() - began < 30


def test_who_closes_its_output_is_waited_for_in_rest(lab: Lab) -> None:
    looks = 0

    def look(output: bytes) -> bool:
        nonlocal looks
        looks += 1
        return False

    code = (
        "print('one', flush=True); [os.close(fd) for fd in (0, 1, 2)]; sys.stdin = None; time.sleep(0.5); os._exit(3)"
    )
    with python(lab, code) as program:
        assert not program.wait_output(look, 60)
        assert program.status == 3
    assert looks <= 4


def test_ctrl_c_reaches_every_process_in_front(lab: Lab) -> None:
    code = """
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
child = os.fork()
os.write(1, b"ready\\n")
signal.sigwait({signal.SIGINT})
os.write(1, b"parent\\n" if child else b"child\\n")
if child:
    os.wait()  # the end of a session's leader hangs up on the others
sys.exit(5)
"""
    with python(lab, code) as program:
        assert program.wait_output(lambda output: output.count(b"ready") == 2, SOON_S)
        program.interrupt()
        assert program.wait_output(lambda output: b"child" in output and b"parent" in output, SOON_S)
        assert program.wait(SOON_S)
    assert program.status == 5


@pytest.mark.parametrize("window", [None, (25, 80)], ids=["graded", "a person's"])
def test_ctrl_c_loses_nothing_that_was_printed(window: tuple[int, int] | None) -> None:
    """The kernel throws away what nobody has read yet when it hears Ctrl-C, unless it is told not to."""
    for _ in range(20):
        terminal, console = open_terminal(window)
        os.write(terminal, b"\x03")
        for digit in b"01234":
            os.write(console, bytes([digit]))
        os.close(console)
        with open(terminal, "rb", buffering=0) as screen:
            printed = b"".join(iter(partial(_read, screen), b""))
        assert printed.replace(b"^C", b"") == b"01234"


def _read(screen: io.FileIO) -> bytes:
    """What stands on it, and nothing where nobody holds the other end any more."""
    try:
        return screen.read(100)
    except OSError:  # EIO
        return b""


def test_stopping_begins_with_ctrl_c(lab: Lab) -> None:
    code = """
try:
    print("ready"); signal.pause()
except KeyboardInterrupt:
    print("goodbye"); sys.exit(0)
"""
    with python(lab, code) as program:
        assert program.wait_output(b"ready\n", SOON_S)
        program.stop()
    assert (program.status, program.stopped_by, program.output) == (0, "SIGINT", b"ready\ngoodbye\n")


def test_stopping_goes_on_with_term(lab: Lab) -> None:
    code = """
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))
print("ready")
while True: signal.pause()
"""
    with python(lab, code) as program:
        assert program.wait_output(b"ready", SOON_S)
        program.stop()
    assert (program.status, program.stopped_by) == (4, "SIGTERM")


def test_stopping_ends_with_kill(lab: Lab) -> None:
    code = """
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)
print("ready")
while True: signal.pause()
"""
    with python(lab, code) as program:
        assert program.wait_output(b"ready", SOON_S)
        program.stop()
    assert (program.status, program.stopped_by) == (-signal.SIGKILL, "SIGKILL")


def test_stopping_one_that_has_stopped_itself(lab: Lab) -> None:
    """A stopped process hears neither Ctrl-C nor TERM."""
    code = """
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # it must not be heard before the stop
print("ready")
os.kill(os.getpid(), signal.SIGSTOP)
"""
    with python(lab, code) as program:
        assert program.wait_output(b"ready", SOON_S)
        program.stop()
    assert program.stopped_by == "SIGKILL"


def test_stopping_one_that_has_ended_changes_nothing(lab: Lab) -> None:
    with lab.launch(["false"], Snapshot()) as program:
        assert program.wait(SOON_S)
        program.stop()
        program.stop()
        program.kill()
        program.interrupt()
        program.signal(signal.SIGTERM)
    assert (program.status, program.stopped_by) == (1, "")


def test_a_signal_reaches_all_of_its_processes(lab: Lab) -> None:
    code = """
if os.fork() == 0: os.setsid()
signal.signal(signal.SIGUSR1, lambda *_: os.write(1, b"heard\\n"))
os.write(1, b"ready\\n")
while True: signal.pause()
"""
    with python(lab, code) as program:
        assert program.wait_output(lambda output: output.count(b"ready") == 2, SOON_S)
        program.signal(signal.SIGUSR1)
        assert program.wait_output(lambda output: output.count(b"heard") == 2, SOON_S)


def test_a_daemon_ends_with_the_program_that_started_it(lab: Lab) -> None:
    """Forked twice, in a session of its own, deaf to every signal, and holding the terminal."""
    code = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 4444))
        print("daemon")
        while True: signal.pause()
    os._exit(0)
os.wait()
sys.stdin.readline()
"""
    from pytest_netlab.lab import ports

    with python(lab, code) as program:
        assert program.wait_output(b"daemon", SOON_S)
        assert ports.bound(lab.student, "udp") == {4444}
        os.write(program._terminal, b"end\n")
        assert program.wait(SOON_S)
        assert program.status == 0
    # Its socket is closed when the namespace's first process has been reaped, which the lab does at the next start.
    with lab.launch(["true"], Snapshot()) as other:
        assert other.wait(SOON_S)
    assert ports.bound(lab.student, "udp") == set()


def test_killing_everything_kills_only_its_own(lab: Lab) -> None:
    with lab.launch(["cat"], Snapshot()) as other:
        with python(lab, "os.fork() or signal.pause(); os.kill(-1, signal.SIGKILL); sys.exit(6)") as program:
            assert program.wait(SOON_S)
        assert program.status == 6
        assert other.running


def test_processor_time_is_limited(lab: Lab) -> None:
    with python(lab, "while True: pass", limits=Limits(cpu_s=1)) as program:
        assert program.wait(30)
    assert program.status in (-signal.SIGXCPU, -signal.SIGKILL)


def test_what_is_left_can_be_collected(lab: Lab) -> None:
    code = """
os.mkdir("made")
with open("made/program", "wb") as file: file.write(b"\\x7fELF")
os.chmod("made/program", 0o755)
os.symlink("/etc/passwd", "link")
os.mkfifo("fifo")
os.remove("x.py")
"""
    with python(lab, code, collect=True) as program:
        assert program.wait(SOON_S)
    assert program.left == Snapshot(
        (
            Entry(b"link", "link", data=b"/etc/passwd"),
            Entry(b"made", "directory"),
            Entry(b"made/program", "file", executable=True, data=b"\x7fELF"),
        )
    )


def test_nothing_is_collected_unasked(lab: Lab) -> None:
    with python(lab, "open('made', 'w').close()") as program:
        assert program.wait(SOON_S)
    assert program.left is None


def test_too_much_to_collect_is_the_programs_fault(lab: Lab) -> None:
    with python(lab, "open('huge', 'wb').truncate(200 << 20)", collect=True) as program:
        assert program.wait(SOON_S)
    assert program.status == 0
    assert program.left is None
    assert "huge: 209715200 bytes" in program.not_collected


def test_many_programs_one_after_the_other(lab: Lab) -> None:
    for number in range(20):
        with lab.launch(["echo", str(number)], Snapshot()) as program:
            assert program.wait(SOON_S)
        assert program.output == b"%d\n" % number


def test_several_programs_at_once(lab: Lab) -> None:
    programs = [lab.launch(["cat"], Snapshot()) for _ in range(5)]
    for number, program in enumerate(programs):
        os.write(program._terminal, b"%d\n" % number)
    for number, program in enumerate(programs):
        assert program.wait_output(b"%d\n" % number, SOON_S)
        program.kill()
