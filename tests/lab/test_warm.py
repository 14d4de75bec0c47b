"""The warm interpreter: programs cannot tell it from a fresh one by what they see, nor get more by it."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from pytest_netlab import LabUnavailable
from pytest_netlab.errors import HarnessFault
from pytest_netlab.lab.client import Agent
from pytest_netlab.lab.snapshot import Entry, Snapshot
from tests.lab.processes import descendants, still_there, watched

PATIENCE_S = 60
SCAPY = ("scapy.layers.inet", "scapy.sendrecv")
SECRET = f"what-the-grader-knows-{secrets.token_hex(8)}"
IS_WARM = "import sys\nprint('warm' if 'asyncio' in sys.modules else 'fresh')\n"

ALIKE = {
    "where it is": "import os, sys; print(sys.argv, sys.path, __file__, __name__, __doc__, os.getcwd(), sys.orig_argv)",
    "its module": "print(sorted(globals()), __spec__, __cached__, type(__loader__).__name__, __loader__.path)",
    "imports of itself": "import __main__; x = 5; print(__main__.x, __main__.__dict__ is globals())",
    "flags": "import sys; print(sys.flags, sys.warnoptions, sys._xoptions, sys.executable, sys.prefix)",
    "environment": "import os; print(sorted(os.environ.items()), 'NETLAB_TEST_SECRET' in os.environ); os.system('env')",
    "streams": (
        "import sys\n"
        "for each in (sys.stdin, sys.stdout, sys.stderr):\n"
        "    print(each, each.line_buffering, each.write_through, each.errors, each.isatty(), each.seekable())\n"
        "    print(each.buffer)"
    ),
    "signals": (
        "import signal\n"
        "print({n: str(signal.getsignal(n)) for n in signal.valid_signals()}, signal.pthread_sigmask(0, []))"
    ),
    "rights": (
        "keys = ('Umask', 'Uid', 'Gid', 'Groups', 'Sig', 'Shd', 'Cap', 'NoNew', 'Seccomp', 'Threads', 'CoreD')\n"
        "print([line for line in open('/proc/self/status') if line.startswith(keys) and 'SigQ' not in line])"
    ),
    "limits": "print(open('/proc/self/limits').read())",
    "namespaces": (
        "import os\n"
        "kinds = ('user', 'net', 'ipc', 'uts', 'mnt', 'pid')\n"
        "print({k: os.readlink(f'/proc/self/ns/{k}')[:4] for k in kinds}, os.uname().nodename)\n"
        "print(open('/proc/net/dev').read(), open('/proc/self/uid_map').read())"
    ),
    "files": "import os; print(sorted(os.listdir('/')), os.listdir('.'), len(os.listdir('/proc/self/fd')))",
    "session": "import os; print(os.getsid(0) == os.getpid() == os.getpgid(0) == os.tcgetpgrp(0), os.ttyname(0))",
    "mounts": "print(open('/proc/self/mountinfo').read().count('\\n'))",
    "threads": "import threading as t; print(t.current_thread() is t.main_thread(), [i.name for i in t.enumerate()])",
    "no trace": (
        "import sys, traceback\n"
        "print([n for n in sys.modules if 'netlab' in n or n == 'msgspec'])\n"
        "def f():\n    raise KeyError(1)\n"
        "try:\n    f()\nexcept KeyError:\n    traceback.print_exc()"
    ),
    "nobody is left": "import os; print([p for p in os.listdir('/proc') if p.isdigit() and int(p) > 3])",
    "ends well": "print('done')",
    "ends with a number": "import sys; sys.exit(3)",
    "ends with words": "import sys; sys.exit('these words')",
    "ends with nothing": "raise SystemExit",
    "ends at once": "import os; os._exit(7)",
    "an exception": "def f():\n    1/0\nf()",
    "two exceptions": "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise ValueError('x') from e",
    "an exception group": "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    "no Python": "print('never'\n",
    "a NUL": "x = '\0'",
    "another encoding": "# -*- coding: latin-1 -*-\nprint('\u00e4')",
    "interrupts itself": "raise KeyboardInterrupt",
    "ended by TERM": "import os; os.kill(os.getpid(), 15)",
    "ended by SEGV": "import os; os.kill(os.getpid(), 11)",
    "a broken pipe": "import os; r, w = os.pipe(); os.close(r); os.write(w, b'x')",
    "its own hook": "import sys\nsys.excepthook = lambda *a: print(a[0], a[2].tb_frame.f_lineno, a[2].tb_next)\n1/0",
    "last words": (
        "import atexit, threading, time\n"
        "class C:\n    def __del__(self): print('collected')\n"
        "c = C(); f = open('left', 'w'); f.write('x')\n"
        "atexit.register(print, 'at exit')\n"
        "def late():\n    time.sleep(.05); print('thread')\n"
        "threading.Thread(target=late).start()\n"
        "print('main')"
    ),
    "children": "import subprocess as s, sys; print(s.run([sys.executable, '-c', 'print(5)'], capture_output=True))",
    "processes": (
        "import multiprocessing as m\n"
        "def f(q): q.put(m.current_process().name)\n"
        "if __name__ == '__main__':\n"
        "    c = m.get_context('spawn'); q = c.Queue(); p = c.Process(target=f, args=(q,)); p.start(); print(q.get())"
    ),
    "too deep": "def f(): f()\ntry:\n    f()\nexcept RecursionError as e:\n    print(e)",
    "too much": "b = bytearray(3 << 30)",
    "input": "print(input('name? '))",
}
SCAPY_ALIKE = {
    "interfaces": "print(conf.ifaces, conf.iface, get_if_addr(conf.iface), get_if_hwaddr(conf.iface), get_if_list())",
    "routes": "print(conf.route, IP(dst='8.8.8.8').src, conf.route.route('8.8.8.8'))",
    "sockets": "print(conf.L3socket, conf.L2socket, conf.L2listen, conf.layers.filtered, conf.use_pcap)",
    "what it dissects": "IP(bytes(IP(src='1.2.3.4', dst='4.3.2.1')/UDP(sport=53, dport=53)/bytes(12))).show()",
    "what it has imported": "import sys; print(sorted(n for n in sys.modules if n.startswith('scapy')))",
}


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    os.environ["NETLAB_TEST_SECRET"] = SECRET
    made = Agent()
    try:
        made.keep_warm()
    except LabUnavailable as error:
        pytest.skip(f"no lab on this machine: {error}")
    yield made
    made.close()
    del os.environ["NETLAB_TEST_SECRET"]


def run(agent: Agent, source: str, warm: tuple[str, ...] | None, *others: Entry, **launch: Any) -> tuple[int, str]:
    """Run a program to its end: its status, and what it printed."""
    files = Snapshot((Entry(b"program.py", "file", data=source.encode()), *others))
    with agent.lab() as lab, lab.launch([sys.executable, "program.py"], files, warm=warm, **launch) as program:
        if "input(" in source:
            assert program.wait_output(b"name? ", PATIENCE_S)
            os.write(program._terminal, b"Ann\n")
        assert program.wait(PATIENCE_S), program.output
        assert program.status is not None, program.not_started
        return program.status, program.output.decode()


@pytest.mark.parametrize("net_raw", [False, True])
def test_it_is_warm(agent: Agent, net_raw: bool) -> None:
    source = f"import sys\nprint([name in sys.modules for name in {SCAPY}])"
    assert run(agent, source, SCAPY, net_raw=net_raw) == (0, "[True, True]\n")
    assert run(agent, IS_WARM, None) == (0, "fresh\n")


@pytest.mark.parametrize("name", ALIKE)
def test_program_finds_what_a_fresh_interpreter_gives(agent: Agent, name: str) -> None:
    assert run(agent, ALIKE[name], ()) == run(agent, ALIKE[name], None)


@pytest.mark.parametrize("name", SCAPY_ALIKE)
def test_scapy_knows_the_lab(agent: Agent, name: str) -> None:
    source = "from scapy.layers.inet import *\nfrom scapy.sendrecv import *\nfrom scapy.config import conf\n"
    source += "from scapy.interfaces import get_if_list\nfrom scapy.arch import get_if_addr, get_if_hwaddr\n"
    modules = ("scapy.arch", "scapy.config", "scapy.interfaces", *SCAPY)
    warm = run(agent, source + SCAPY_ALIKE[name], modules, net_raw=True)
    assert warm == run(agent, source + SCAPY_ALIKE[name], None, net_raw=True)
    assert warm[0] == 0, warm


def test_ctrl_c_ends_it_as_ever(agent: Agent) -> None:
    source = "import time\nprint('ready')\ntime.sleep(600)"
    ended = []
    for warm in ((), None):
        files = Snapshot((Entry(b"program.py", "file", data=source.encode()),))
        with agent.lab() as lab, lab.launch([sys.executable, "program.py"], files, warm=warm) as program:
            assert program.wait_output(b"ready", PATIENCE_S)
            program.interrupt()
            assert program.wait(PATIENCE_S)
            # Whether it is still in print or sleeps already is a race; it has one frame either way.
            ended.append((program.status, program.output.count(b"  File "), program.output.splitlines()[-1]))
    assert ended == [(-2, 1, b"KeyboardInterrupt")] * 2


def test_signals_reach_all_of_its_processes(agent: Agent) -> None:
    source = "import os, time\nos.fork()\nprint('ready')\ntime.sleep(600)"
    files = Snapshot((Entry(b"program.py", "file", data=source.encode()),))
    with agent.lab() as lab, lab.launch([sys.executable, "program.py"], files, warm=()) as program:
        assert program.wait_output(lambda output: output.count(b"ready") == 2, PATIENCE_S)
        program.signal(15)
        assert program.wait(PATIENCE_S)
        assert program.status == -15


@pytest.mark.parametrize(
    "own",
    [
        Entry(b"socket.py", "file", data=b"print('mine')"),
        Entry(b"scapy", "directory"),
        Entry(b"json.cpython-311-x86_64-linux-gnu.so", "file"),
    ],
    ids=lambda entry: entry.path.decode(),
)
def test_submission_with_a_module_of_that_name_runs_in_a_fresh_one(agent: Agent, own: Entry) -> None:
    assert run(agent, IS_WARM, SCAPY, own)[1].endswith("fresh\n")


@pytest.mark.parametrize(
    "launch", [{"environment": {"PYTHONHASHSEED": "7"}}, {"environment": {"LC_ALL": "C"}}], ids=["hash seed", "locale"]
)
def test_settings_that_are_read_at_the_start_take_a_fresh_one(agent: Agent, launch: dict[str, Any]) -> None:
    assert run(agent, IS_WARM, (), **launch) == (0, "fresh\n")
    assert run(agent, IS_WARM, (), environment={"TERM": "xterm"}) == (0, "warm\n")


def test_modules_that_cannot_be_imported_are_the_programs_own_affair(agent: Agent) -> None:
    status, output = run(agent, IS_WARM + "import scapy.layers.nonsense", ("scapy.layers.nonsense",))
    assert (status, output.splitlines()[0]) == (1, "fresh")
    assert "ModuleNotFoundError: No module named 'scapy.layers.nonsense'" in output


def test_other_interpreters_are_started_as_ever(agent: Agent) -> None:
    files = Snapshot((Entry(b"program.py", "file", data=IS_WARM.encode()),))
    with agent.lab() as lab, lab.launch(["/usr/bin/env", "python3", "program.py"], files, warm=()) as program:
        assert program.wait(PATIENCE_S)
        assert program.output == b"fresh\n"


def test_nothing_of_the_grader_is_in_its_memory(agent: Agent) -> None:
    source = """
import re
found = set()
with open('/proc/self/mem', 'rb', 0) as memory:
    for line in open('/proc/self/maps'):
        begin, end = (int(each, 16) for each in line.split()[0].split('-'))
        if line.split()[1].startswith('rw'):
            memory.seek(begin)
            try:
                found |= set(re.findall(b'what-the-grader-kno[w]s-[0-9a-f]+', memory.read(end - begin)))
            except OSError:
                pass
print(found)
"""
    assert run(agent, source, SCAPY) == (0, "set()\n")


def test_random_numbers_are_its_own(agent: Agent) -> None:
    source = "import random, secrets, tempfile; print(random.random(), secrets.token_hex(8))"
    assert run(agent, source, ())[1] != run(agent, source, ())[1]


@pytest.fixture
def own_agent() -> Iterator[Agent]:
    made = Agent()
    made.keep_warm()
    yield made
    made.close()


def test_wait_for_the_interpreter_is_no_time_of_the_programs(own_agent: Agent) -> None:
    stock = descendants(own_agent._process.pid)[0]
    files = Snapshot((Entry(b"program.py", "file", data=IS_WARM.encode()),))
    with own_agent.lab() as lab, ThreadPoolExecutor(1) as beside:
        os.kill(stock, signal.SIGSTOP)
        launched = beside.submit(lab.launch, [sys.executable, "program.py"], files, warm=SCAPY)
        wait([launched], timeout=0.2)
        ready_at = time.monotonic()
        os.kill(stock, signal.SIGCONT)
        with launched.result() as program:
            assert program.started_at > ready_at
            assert program.wait(PATIENCE_S)
            assert program.output == b"warm\n"


def test_when_the_interpreter_is_lost_nobody_knows_how_the_program_ended(own_agent: Agent) -> None:
    files = Snapshot((Entry(b"program.py", "file", data=b"print('ready')\ninput()"),))
    with own_agent.lab() as lab, lab.launch([sys.executable, "program.py"], files, warm=SCAPY) as program:
        assert program.wait_output(b"ready", PATIENCE_S)
        stock = descendants(own_agent._process.pid)[0]
        shelf = descendants(stock)[0]
        os.kill(shelf, signal.SIGKILL)
        with pytest.raises(HarnessFault):
            program.wait(PATIENCE_S)
    assert run(own_agent, IS_WARM, SCAPY) == (0, "warm\n")


def test_it_leaves_nothing_behind(own_agent: Agent) -> None:
    assert run(own_agent, IS_WARM, SCAPY) == (0, "warm\n")
    with watched([own_agent._process.pid, *descendants(own_agent._process.pid)]) as held:
        assert len(held) >= 3
        own_agent.close()
        assert still_there(held) == []
