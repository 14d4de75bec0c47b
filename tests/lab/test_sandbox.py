"""The walls around a program, felt from inside: who it is, what it sees, what it may use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_netlab
from pytest_netlab import Lab
from pytest_netlab.lab import root, seccomp
from pytest_netlab.lab.client import shared_agent
from pytest_netlab.lab.messages import Limits
from pytest_netlab.lab.namespaces import UNPRIVILEGED
from pytest_netlab.lab.snapshot import Entry, Snapshot
from tests.lab.conftest import Inside
from tests.lab.processes import descendants, status_of

NET_RAW = f"{1 << 13:016x}"
NOTHING = f"{0:016x}"
REPOSITORY = Path(pytest_netlab.__file__).resolve().parent.parent
SITE_PACKAGES = Path(pytest.__file__).parent.parent

OWN_STATUS = """
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
tell({name: value.split() for name, value in status.items()})
"""


@pytest.mark.parametrize(("net_raw", "held"), [(True, NET_RAW), (False, NOTHING)], ids=["raw", "plain"])
def test_capabilities_are_exactly_what_the_exercise_needs(inside: Inside, net_raw: bool, held: str) -> None:
    status = inside(OWN_STATUS, net_raw=net_raw)
    assert (status["CapEff"], status["CapPrm"], status["CapBnd"]) == ([held], [held], [held])
    assert (status["CapInh"], status["CapAmb"]) == ([NOTHING], [NOTHING])


@pytest.mark.parametrize(("net_raw", "answer"), [(True, ""), (False, "EPERM")], ids=["raw", "plain"])
def test_raw_sockets_need_the_capability(inside: Inside, net_raw: bool, answer: str) -> None:
    snippet = """
tell([refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)),
      refused(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3))])
"""
    assert inside(snippet, net_raw=net_raw) == [answer, answer]


def test_privileges_cannot_grow_and_calls_are_filtered(inside: Inside) -> None:
    status = inside(OWN_STATUS)
    assert status["NoNewPrivs"] == ["1"]
    assert status["Seccomp"] == ["2"]


def test_program_is_root_inside_and_nobody_special_outside(lab: Lab, inside: Inside) -> None:
    assert inside("tell([os.getuid(), os.geteuid(), os.getgid(), os.getgroups()])")[:3] == [0, 0, 0]
    before = set(descendants(shared_agent()._process.pid))
    with lab.launch(["sh", "-c", "echo ready; exec cat"], Snapshot()) as program:
        assert program.wait_output(b"ready", 10)
        started = [pid for pid in descendants(shared_agent()._process.pid) if pid not in before]
        outside = status_of(started[-1])
    expected = str(os.getuid() or UNPRIVILEGED)
    assert outside["Uid"].split() == [expected] * 4
    assert outside["Gid"].split() == [str(os.getgid() or UNPRIVILEGED)] * 4


def test_only_the_terminal_is_inherited(lab: Lab) -> None:
    with lab.launch(["ls", "-l", "/proc/self/fd"], Snapshot()) as program:
        assert program.wait(10)
    lines = [line.split() for line in program.output.decode().splitlines()[1:]]
    assert [line[-1] for line in lines if line[-3] in "012"] == ["/dev/pts/0"] * 3
    assert [line[-3] for line in lines] == ["0", "1", "2", "3"], "3 is ls's own look at the directory"
    assert lines[3][-1].startswith("/proc/")


def test_environment_is_the_allow_list(
    lab: Lab, inside: Inside, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("PYTHONPATH", "LD_PRELOAD", "PYTEST_ADDOPTS", "NETLAB_SECRET"):
        monkeypatch.setenv(name, str(tmp_path))
    assert inside("tell(sorted(os.environ))") == [
        "HOME", "LANG", "LOGNAME", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "SHELL", "TERM", "TMPDIR",
        "USER",
    ]  # fmt: skip
    assert inside("tell(os.environ['ADDED'])", environment={"ADDED": "yes"}) == "yes"


def test_root_is_read_only_and_runs_nothing_as_somebody_else(inside: Inside) -> None:
    snippet = """
rows = [line.split() for line in open("/proc/self/mountinfo")]
tell([[row[4], row[5].split(",")] for row in rows])
"""
    mounts = {path: set(options) for path, options in inside(snippet)}
    writable = {path for path, options in mounts.items() if "rw" in options}
    assert writable == {"/submission", "/tmp", "/run", "/var/tmp", "/dev/shm", "/dev/pts", "/proc"}
    assert {path for path, options in mounts.items() if "nosuid" not in options} == set()
    without_nodev = {path for path, options in mounts.items() if "nodev" not in options}
    assert {path for path in without_nodev if path.split("/")[1] != "dev"} == set()


@pytest.mark.parametrize("path", ["/x", "/usr/x", "/etc/passwd", "/usr/bin/true", "/home/x", "/root/x", "/dev/x"])
def test_nothing_outside_the_writable_places_can_be_written(inside: Inside, path: str) -> None:
    assert inside(f"tell(refused(lambda: open({path!r}, 'ab')))") in ("EROFS", "EACCES")


def leading_to_interpreter(directory: str) -> set[str]:
    """Names in `directory` that are there because the grading interpreter is somewhere below it."""
    below = (Path(path) for path in root.interpreter_directories())
    return {path.relative_to(directory).parts[0] for path in below if path.is_relative_to(directory)}


@pytest.mark.parametrize("name", ["/submission", "/tmp", "/var/tmp", "/dev/shm", "/run"])
def test_writable_places_are_fresh_each_time(inside: Inside, name: str) -> None:
    snippet = f"tell(os.listdir({name!r})); open({name!r} + '/left', 'w').close()"
    expected = {"snippet.py"} if name == "/submission" else set()
    assert set(inside(snippet)) - leading_to_interpreter(name) == expected
    assert set(inside(snippet)) - leading_to_interpreter(name) == expected


def test_program_starts_in_its_own_copy(lab: Lab, inside: Inside) -> None:
    files = (
        Entry(b"data", "directory"),
        Entry(b"data/x", "file", data=b"\x00\xff"),
        Entry(b"l", "link", data=b"data/x"),
    )
    snippet = """
seen = open("l", "rb").read().hex()
open("data/x", "wb").close()
tell([os.getcwd(), seen])
"""
    assert inside(snippet, files) == ["/submission", "00ff"]
    assert inside(snippet, files) == ["/submission", "00ff"], "the copy was not fresh"


def test_grader_cannot_be_seen(inside: Inside) -> None:
    """No file of the package, of the suites or of this checkout, wherever it is looked for."""
    package = Path(pytest_netlab.__file__).parent
    wanted = [str(path) for path in (package / "__init__.py", REPOSITORY / "suites", REPOSITORY / "tests", __file__)]
    snippet = f"""
found = [path for path in {wanted!r} if os.path.exists(path)]
for top in ("/usr", "/opt", "/submission", "/home", "/root", "/tmp", "/run", "/var", {sys.prefix!r}):
    for place, directories, files in os.walk(top):
        if os.path.basename(place) == "pytest_netlab" and (files or directories):
            found.append(place)
        found += [os.path.join(place, name) for name in files if name in ("abcd_server.py", "test_0_1_abcd.py")]
tell(found)
"""
    assert inside(snippet) == []


def test_secrets_of_the_machine_cannot_be_seen(inside: Inside) -> None:
    snippet = """
tell([path for path in ("/etc/shadow", "/etc/gshadow", "/etc/ssh", "/root/.ssh", "/var/log", "/boot", "/sys/kernel",
                        "/etc/machine-id", "/run/docker.sock", "/var/run/docker.sock") if os.path.exists(path)])
"""
    assert inside(snippet) == []
    for home in ("/home", "/root"):
        assert set(inside(f"tell(os.listdir({home!r}))")) - leading_to_interpreter(home) == set()


def test_only_its_own_processes_exist(inside: Inside) -> None:
    assert inside("tell(sorted(int(name) for name in os.listdir('/proc') if name.isdigit()))") == [2]


def test_first_process_keeps_its_secrets(inside: Inside) -> None:
    """The sandbox's own pid 1 holds the grader's descriptors and memory: /proc does not show it."""
    snippet = """
tell([refused(lambda: os.listdir("/proc/1/fd")), refused(lambda: open("/proc/1/mem", "rb")),
      refused(lambda: open("/proc/1/environ", "rb").read()), refused(lambda: os.readlink("/proc/1/cwd"))])
"""
    assert set(inside(snippet)) == {"ENOENT"}


def test_first_process_cannot_be_killed(lab: Lab) -> None:
    """Whatever is sent to it, the program's own end is what is reported."""
    snippet = b"""
import os, signal
for number in sorted(signal.valid_signals()):
    os.kill(1, number)
os._exit(7)
"""
    with lab.launch([sys.executable, "x.py"], Snapshot((Entry(b"x.py", "file", data=snippet),))) as program:
        assert program.wait(10)
    assert (program.status, program.output) == (7, b"")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("socket.socket(40, socket.SOCK_STREAM)", "EAFNOSUPPORT"),
        ("socket.socket(38, socket.SOCK_SEQPACKET)", "EAFNOSUPPORT"),
        ("socket.socketpair(40, socket.SOCK_STREAM)", "EAFNOSUPPORT"),
        ("os.memfd_create('x')", "ENOSYS"),
        ("fcntl.ioctl(0, 0x5412, b'x')", "EPERM"),
        ("fcntl.ioctl(0, 0x541C, b'x')", "EPERM"),
        ("call(IO_URING_SETUP, 1, params)", "ENOSYS"),
        ("call(UNSHARE, 0x10000000)", "EPERM"),
        ("call(UNSHARE, 0x40000000)", "EPERM"),
        ("call(MOUNT, b'none', b'/tmp', b'tmpfs', 0, None)", "EPERM"),
        ("call(PTRACE, 0, 0, 0, 0)", "EPERM"),
        ("os.mknod('/tmp/x', 0o600 | 0o020000, os.makedev(1, 1))", "EPERM"),
        ("os.chroot('/tmp')", "EPERM"),
        ("socket.sethostname('x')", "EPERM"),
    ],
    ids=[
        "vsock",
        "alg",
        "vsock pair",
        "memfd",
        "TIOCSTI",
        "TIOCLINUX",
        "io_uring",
        "user namespace",
        "network namespace",
        "mount",
        "ptrace",
        "mknod",
        "chroot",
        "hostname",
    ],
)
def test_ways_out_are_refused(inside: Inside, call: str, answer: str) -> None:
    column = 0 if os.uname().machine == "x86_64" else 1
    snippet = f"""
import fcntl
UNSHARE, MOUNT, PTRACE = {[seccomp._REFUSED[name][column] for name in ("unshare", "mount", "ptrace")]}
IO_URING_SETUP = {seccomp._MISSING["io_uring_setup"][column]}
def call(*numbers):
    if ctypes.CDLL(None, use_errno=True).syscall(*numbers) == -1:
        raise OSError(ctypes.get_errno(), "")
params = ctypes.create_string_buffer(120)
tell(refused(lambda: {call}))
"""
    assert inside(snippet, net_raw=True) == answer


def test_network_settings_are_not_the_programs_to_change(inside: Inside) -> None:
    snippet = """
import fcntl, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
down = struct.pack("16sH22x", b"eth0", 0)
mtu = struct.pack("16si20x", b"eth0", 600)
def netlink():
    n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    n.send(struct.pack("=IHHIIBxHiII", 32, 16, 5, 1, 0, 0, 0, 2, 0, 0xFFFFFFFF))  # RTM_NEWLINK, acknowledged
    error = -struct.unpack_from("=i", n.recv(4096), 16)[0]
    if error:
        raise OSError(error, "")
tell([refused(lambda: fcntl.ioctl(s, 0x8914, down)), refused(lambda: fcntl.ioctl(s, 0x8922, mtu)), refused(netlink),
      refused(lambda: open("/proc/sys/net/ipv4/ip_forward", "w").write("1"))])
"""
    answers = inside(snippet, net_raw=True)
    assert answers[:3] == ["EPERM"] * 3
    assert answers[3] in ("EACCES", "EPERM", "EROFS")


FORK_BOMB = b"""
import os, signal
while True:
    try:
        if os.fork() == 0:
            signal.pause()
    except BlockingIOError:
        pass
"""


def test_a_fork_bomb_stops_at_the_limit_and_is_ended(lab: Lab) -> None:
    files = Snapshot((Entry(b"x.py", "file", data=FORK_BOMB),))
    with lab.launch([sys.executable, "x.py"], files, limits=Limits(processes=40)) as program:
        assert program.wait(10)
    assert (program.status, program.stopped_by) == (-9, "limit:processes")
    assert program.limit == "limit:processes: 37 processes and threads at once; 40 are the limit"


def test_two_fork_bombs_do_not_share_a_limit(lab: Lab) -> None:
    """RLIMIT_NPROC counts by user namespace: one grading's processes are not taken from another's."""
    files = Snapshot((Entry(b"x.py", "file", data=FORK_BOMB.replace(b"while True", b"for _ in range(30)")),))
    with shared_agent().lab() as another:
        limits = Limits(processes=40)
        programs = [each.launch([sys.executable, "x.py"], files, limits=limits) for each in (lab, another)]
        for program in programs:
            assert program.wait(10)
            assert (program.status, program.limit) == (0, "")
            program.kill()


def test_memory_stops_at_the_limit(inside: Inside) -> None:
    snippet = """
try:
    tell(len(bytearray(300 << 20)))
except MemoryError:
    tell("refused")
"""
    assert inside(snippet, limits=Limits(memory_bytes=200 << 20)) == "refused"
    assert inside(snippet, limits=Limits(memory_bytes=400 << 20)) == 300 << 20


def test_disk_stops_at_the_limit(inside: Inside) -> None:
    snippet = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def fill(path):
    with open(path, "wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
tell([refused(lambda: fill(f"{place}/{n}")) for place in ("/submission", "/tmp") for n in range(2)])
"""
    answers = inside(snippet, limits=Limits(work_bytes=1 << 20))
    assert set(answers) <= {"ENOSPC", "EFBIG"}
    assert answers[1] == answers[3] == "ENOSPC"


def test_descriptors_stop_at_the_limit(inside: Inside) -> None:
    snippet = """
held = []
tell([refused(lambda: [held.append(os.dup(0)) for _ in range(100)]), len(held)])
"""
    assert inside(snippet, limits=Limits(descriptors=20)) == ["EMFILE", 17]


def test_an_interpreter_in_a_private_home_runs(tmp_path: Path) -> None:
    """Real root may grade with a Python that only root can reach; programs run as somebody else and still reach it.

    This one stands below /tmp besides, where every program gets an empty directory of its own.
    """
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    assert home.stat().st_mode & 0o777 == 0o700
    venv = home / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--copies", str(venv)], check=True, timeout=60)
    (next(venv.glob("lib/python3*/site-packages")) / "borrowed.pth").write_text(f"{SITE_PACKAGES}\n{REPOSITORY}\n")
    program = """
import sys
from pytest_netlab.lab.client import shared_agent
from pytest_netlab.lab.snapshot import Snapshot
with shared_agent().lab() as lab, lab.launch([sys.executable, "-c", "import sys; print(sys.prefix)"], Snapshot()) as it:
    it.wait(20)
print(it.output.decode(), it.status, it.not_started)
"""
    done = subprocess.run(
        [str(venv / "bin" / "python"), "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == [str(venv), "0"]


def test_another_interpreter_is_not_brought_in_by_its_name(lab: Lab, tmp_path: Path) -> None:
    """What a submission names must exist in the sandbox: naming a path of the machine does not open it."""
    private = tmp_path / "python"
    private.symlink_to(sys.executable)
    with lab.launch([str(private), "-c", "print(1)"], Snapshot()) as program:
        assert program.wait(10)
    assert program.not_started
    assert program.status is None
