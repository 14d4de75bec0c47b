"""The way to the warm interpreter (`interpreter`): how an agent starts it, and how a sandbox asks it for a program.

A sandbox forks its program's process as ever. Where the launch allows a warm start, that process asks for one and
then stands in for the program: it ends as the program ends. So supervision, signals and limits know no difference.
Whatever cannot be served warm is run cold; nothing of the program has run by then.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final, NoReturn

import msgspec

from pytest_netlab.lab import interpreter, linux, root
from pytest_netlab.lab.messages import Launch

_NAMES: Final = ("linux", "seccomp", "confinement", "interpreter")
"""The modules of this package that the interpreter is made of, each after those that it imports."""

_TEXTS_FD, _CHANNEL_FD = 3, 4
_BOOT: Final = """\
import json, sys, types
with open(3, encoding="utf-8") as file:
    texts = json.load(file)
for name, text in texts.items():
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
for name in texts:
    del sys.modules[name]
import socket
with module.serve(socket.socket(fileno=4)) as program:
    exec(program.code(), program.namespace)
"""

_door: socket.socket | None = None
"""This process's way to the interpreter; forked processes inherit it."""


def start(environment: dict[str, str], console: int) -> None:
    """Start the interpreter. Call in the agent, once the private root is built; does not wait for it.

    Args:
        environment: of the programs that it will serve.
        console: a terminal, so that its standard streams are made for one; closed here.
    """
    global _door
    if _door is not None:
        os.close(console)
        return
    _door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    texts = _texts()
    if os.fork() == 0:
        try:
            linux.unshare(linux.CLONE_NEWNET)
            os.chroot(root.ROOT)
            os.chdir("/")
            # Dup above the places first: a descriptor may stand where another one has to go.
            moved = [_above(fd) for fd in (console, texts, theirs.fileno())]
            for fd, places in zip(moved, ((0, 1, 2), (_TEXTS_FD,), (_CHANNEL_FD,)), strict=True):
                for place in places:
                    os.dup2(fd, place)
            os.closerange(_CHANNEL_FD + 1, 4096)
            os.execve(sys.executable, [sys.executable, "-c", _BOOT], environment)
        finally:
            os._exit(127)
    for fd in (texts, console):
        os.close(fd)
    theirs.close()


def stand_in(launch: Launch, console: int, begin: Callable[[], None], lost: Callable[[], None]) -> None:
    """Have the program of `launch` run by the interpreter, and end as it ends; returns where it has to run cold.

    Call in the process that would become the program, in its namespaces and its working directory.

    Args:
        launch: what to run.
        console: the program's end of its terminal.
        begin: called when the program is about to run, which may be long after this call: the first of its kind waits
            for its modules. It runs when this returns.
        lost: called where the interpreter is gone, and with it how the program ends.
    """
    if _door is None or not _may_be_warm(launch):
        return
    signal.set_wakeup_fd(-1)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    spaces = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in interpreter.NAMESPACES]
    try:
        socket.send_fds(_door, [_request(launch)], [*spaces, console, theirs.fileno()])
    except OSError:
        answer = interpreter.COLD
    else:
        theirs.close()
        answer = ours.recv(64)
    for fd in spaces:
        os.close(fd)
    if answer == interpreter.COLD or not answer:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        return
    os.close(console)
    if answer == interpreter.READY:
        begin()
        try:
            ours.send(interpreter.READY)
            answer = ours.recv(64)
        except OSError:
            answer = b""
    if not answer:
        lost()
    _end_with(int(answer or -signal.SIGKILL))


def _may_be_warm(launch: Launch) -> bool:
    is_script = len(launch.argv) > 1 and launch.argv[0] == sys.executable
    return is_script and launch.warm is not None and not launch.passed and not launch.directory


def _end_with(status: int) -> NoReturn:
    """End with an exit status, or by the signal whose number it is the negative of."""
    if status < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if -status not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
    os._exit(max(status, 0))


def _request(launch: Launch) -> bytes:
    request = {
        "argv": launch.argv,
        "modules": launch.warm,
        "names": sorted({name.partition(".")[0] for name in os.listdir(".")}),
        "environment": launch.environment,
        "limits": launch.limits,
        "net_raw": launch.net_raw,
    }
    return msgspec.json.encode(request)


def _texts() -> int:
    """A memory file with the sources, under the names by which they import each other."""
    here = os.path.dirname(os.path.abspath(__file__))
    texts = dict.fromkeys(("pytest_netlab", "pytest_netlab.lab"), "")
    for name in _NAMES:
        with open(os.path.join(here, f"{name}.py"), encoding="utf-8") as file:
            texts[f"pytest_netlab.lab.{name}"] = file.read()
    fd = os.memfd_create("texts", os.MFD_CLOEXEC)
    with open(fd, "w", encoding="utf-8", closefd=False) as file:
        json.dump(texts, file)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _above(fd: int) -> int:
    """The same, under a number that no place has."""
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64)
