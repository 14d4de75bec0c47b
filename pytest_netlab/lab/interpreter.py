"""The warm interpreter itself: a clean process that has imported what network programs import, and forks into labs.

Runs alone. `warm` starts it with exec, in the private root that programs see and in a network of its own that has
nothing in it, and hands it the text of this file and of the few that it needs; nothing else of the project is in its
memory. It never runs a line of a submission: that does the process that it forks, once it is in the lab and confined.

    stock    has the standard library's network modules; receives requests and passes them on
      └ shelf    one for each list of Scapy's modules that programs begin with: imports them, waits, forks
          └ the program

Each request comes with descriptors: the namespaces to enter, the program's terminal, and where to tell how it ended.

What the program finds is what a fresh interpreter would have given it; docs/warm.md lists what differs.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import sys
import types
from importlib.machinery import SourceFileLoader
from typing import Any, Final

from pytest_netlab.lab import confinement, linux

STOCK: Final = (
    "argparse", "array", "asyncio", "base64", "binascii", "collections", "contextlib", "ctypes", "dataclasses", "errno",
    "fcntl", "functools", "http.client", "ipaddress", "itertools", "json", "logging", "os", "queue", "random", "re",
    "select", "selectors", "signal", "socket", "socketserver", "ssl", "struct", "subprocess", "threading", "time",
    "traceback", "typing", "urllib.request",
)  # fmt: skip
"""Modules of the standard library that programs are likely to import; having them changes nothing that they see."""

NAMESPACES: Final = ("user", "pid", "mnt", "net", "ipc", "uts")
"""Kinds of the first descriptors of a request, in their order; terminal and report follow."""

COLD: Final = b"cold"
"""The answer to a request that a fresh interpreter has to serve."""
READY: Final = b"ready"
"""The answer when the program is about to run. It runs when it hears the same; then its exit status follows."""

WORK: Final = "/submission"
_LARGEST: Final = 1 << 17
_SHELVES: Final = 4
_READ_AT_START: Final = ("PYTHON", "LC_", "LANG")


def serve(channel: socket.socket) -> Program:
    """Be the stock, then a shelf, then a program: returns in a process that is about to run one."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in STOCK:
        importlib.import_module(name)
    shelves: dict[tuple[str, ...], socket.socket] = {}
    while True:
        data, descriptors = _receive(channel)
        wanted = tuple(json.loads(data)["modules"])
        if not _passed_on(wanted, data, descriptors, shelves):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            if os.fork() == 0:
                for each in (channel, ours, *shelves.values()):
                    each.close()
                _close(descriptors)
                return _be_a_shelf(theirs, wanted)
            theirs.close()
            shelves[wanted] = ours
            if len(shelves) > _SHELVES:
                shelves.pop(next(iter(shelves))).close()
            _passed_on(wanted, data, descriptors, shelves)
        _close(descriptors)


class Program:
    """What is about to run: the code of a file, in a fresh module `__main__`.

    A context manager: an exception that leaves it is shown without the frames of ours that it came through.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        main = types.ModuleType("__main__")
        main.__dict__.update(__file__=path, __cached__=None, __builtins__=builtins)
        main.__loader__ = SourceFileLoader("__main__", path)
        if sys.version_info < (3, 14):
            main.__annotations__ = {}
        sys.modules["__main__"] = main
        self.namespace: dict[str, Any] = main.__dict__

    def code(self) -> types.CodeType:
        """The compiled file.

        Raises:
            SyntaxError: it is no Python.
        """
        with io.open_code(self._path) as file:
            return compile(file.read(), self._path, "exec", dont_inherit=True)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or isinstance(error, SystemExit):
            return
        shown_by = sys.excepthook

        def show(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
            while trace is not None and trace.tb_frame.f_globals is not self.namespace:
                trace = trace.tb_next
            sys.excepthook = shown_by
            shown_by(kind, error.with_traceback(trace), trace)

        sys.excepthook = show


def _passed_on(
    wanted: tuple[str, ...], data: bytes, descriptors: list[int], shelves: dict[tuple[str, ...], socket.socket]
) -> bool:
    """Hand a request to its shelf, which is then the last to be given up. False where there is none."""
    shelf = shelves.pop(wanted, None)
    if shelf is None:
        return False
    try:
        socket.send_fds(shelf, [data], descriptors)
    except OSError:
        shelf.close()
        return False
    shelves[wanted] = shelf
    return True


def _be_a_shelf(channel: socket.socket, modules: tuple[str, ...]) -> Program:
    """Import, then fork a process for each request. Returns in that process."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    complete = _import(modules)
    taken = {name.partition(".")[0] for name in sys.modules} - {"__main__"}
    gc.collect()
    gc.freeze()  # or each program's first collection would copy all of this
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        ready, _, _ = select.select([channel.fileno(), *running], [], [])
        for pidfd in running.keys() & set(ready):
            _tell_end(*running.pop(pidfd))
            os.close(pidfd)
        if channel.fileno() not in ready:
            continue
        data, descriptors = _receive(channel)
        request = json.loads(data)
        report = socket.socket(fileno=descriptors.pop())
        if complete and not taken & set(request["names"]) and _same_settings(request["environment"]):
            try:
                linux.setns(descriptors[NAMESPACES.index("pid")], 0)  # of the children from here on
                pid = os.fork()
            except OSError:
                report.send(COLD)
            else:
                if pid == 0:
                    return _become(request, descriptors, report)
                running[os.pidfd_open(pid)] = (pid, report)
        else:
            report.send(COLD)
        _close(descriptors)


def _become(request: dict[str, Any], descriptors: list[int], report: socket.socket) -> Program:
    """Enter the lab, give up everything, and look like a fresh interpreter."""
    try:
        for kind, fd in zip(NAMESPACES, descriptors, strict=False):
            if kind != "pid":
                linux.setns(fd, 0)
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        linux.prctl(linux.PR_SET_DUMPABLE, 1)
        os.chdir(WORK)
        os.umask(0o022)
        _refuse_nul(request["argv"][1])
        confinement.take_terminal(descriptors[len(NAMESPACES)])
        confinement.close_all(but=report.fileno())
        _signals_of_python()
        confinement.confine(types.SimpleNamespace(**request["limits"]), net_raw=request["net_raw"])  # type: ignore[arg-type]
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.orig_argv[:] = request["argv"]
        sys.argv[:] = request["argv"][1:]
        sys.path[0] = WORK
        _know_this_network()
        report.send(READY)
        if not report.recv(64):
            os._exit(1)
        report.close()
    except Exception:
        # Nothing of the program has run: it gets its chance in a fresh interpreter.
        report.send(COLD)
        os._exit(1)
    return Program(f"{WORK}/{sys.argv[0]}")


def _refuse_nul(path: str) -> None:
    """A file with NUL octets is read in another way, and complained about in other words, than a string of code."""
    with io.open_code(path) as file:
        if b"\0" in file.read():
            raise ValueError(f"{path} has NUL octets")


def _know_this_network() -> None:
    """What Scapy reads once, when it is imported: interfaces and routes."""
    if "scapy.interfaces" not in sys.modules:
        return
    conf = sys.modules["scapy.config"].conf
    conf.ifaces._reload_provs()
    if "scapy.route" in sys.modules:
        conf.route.resync()
        conf.ifaces.load_confiface()
    if "scapy.route6" in sys.modules:
        conf.route6.resync()


def _signals_of_python() -> None:
    """As CPython sets them when it starts."""
    confinement.restore_signals()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _import(modules: tuple[str, ...]) -> bool:
    """Import what programs begin with; whether all of it could be."""
    try:
        for name in modules:
            importlib.import_module(name)
    except Exception:
        return False
    return True


def _same_settings(environment: dict[str, str]) -> bool:
    """Whether an interpreter started with `environment` would be as this one: what is read once, at the start."""
    read_at_start = [name for name in {*environment, *os.environ} if name.startswith(_READ_AT_START)]
    return all(environment.get(name) == os.environ.get(name) for name in read_at_start)


def _tell_end(pid: int, report: socket.socket) -> None:
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(OSError):  # who asked may have ended with the lab
        report.send(str(status).encode())
    report.close()


def _receive(channel: socket.socket) -> tuple[bytes, list[int]]:
    """A request and its descriptors. Where the other side is gone, this process ends."""
    data, descriptors, _, _ = socket.recv_fds(channel, _LARGEST, len(NAMESPACES) + 2, socket.MSG_CMSG_CLOEXEC)
    if not data:
        os._exit(0)
    return data, descriptors


def _close(descriptors: list[int]) -> None:
    for fd in descriptors:
        os.close(fd)
