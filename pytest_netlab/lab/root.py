"""The private root that programs under test see: read-only runtime, empty writable places, nothing of ours.

Built once per agent, in the agent's own mount namespace, as a tmpfs over /sys (a directory that every Linux
has and that nothing here needs). A program's own mount namespace then adds what must be fresh each time
(`enter`): its /submission, /tmp, /proc and terminals.

What is bound: /usr and the directories that lead into it, the interpreter that grades, and the few files of
/etc that make runtimes start. What is covered: this package and its suites, wherever they are installed.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Final

from pytest_netlab.lab import linux
from pytest_netlab.lab.addresses import NAMES

ROOT: Final = "/sys"
WORK: Final = "/submission"

_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_FROM_ETC: Final = (
    "alternatives", "ca-certificates", "crypto-policies", "java-17-openjdk", "java-21-openjdk", "ld.so.cache",
    "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "perl", "pki", "protocols", "services", "ssl",
)  # fmt: skip
_FRESH: Final = ("submission", "tmp", "run", "var/tmp", "dev/shm")
_DEVICES: Final = ("null", "zero", "full", "random", "urandom", "tty")
_EMPTY: Final = ("etc", "dev", "proc", "tmp", "submission", "run", "var/tmp", "home", "root", "sys", "mnt", "opt")

_PASSWD: Final = """\
root:x:0:0:root:/tmp:/bin/sh
tcpdump:x:0:0::/tmp:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
_GROUP: Final = "root:x:0:\ntty:x:5:\ntcpdump:x:0:\nwireshark:x:0:\nnogroup:x:65534:\n"
_HOSTS: Final = "127.0.0.1 localhost\n10.77.0.2 student\n" + "".join(
    f"{address} {name}\n" for name, address in NAMES.items()
)


def build() -> None:
    """Build the template at `ROOT`. Call once, in the outer namespaces."""
    linux.mount("tmpfs", ROOT, "tmpfs", linux.MS_NOSUID, "mode=755,size=1m,nr_inodes=4k")
    for name in _EMPTY:
        os.makedirs(f"{ROOT}/{name}")
    for path in _SYSTEM:
        _mirror(path)
    for directory in interpreter_directories():
        _bind_directory(directory)
    _cover_ourselves()
    _write_etc()
    linux.mount_setattr(ROOT, linux.MOUNT_ATTR_RDONLY | linux.MOUNT_ATTR_NOSUID | linux.MOUNT_ATTR_NODEV)
    # Device files come last: they are the one thing that must not be marked "no devices".
    linux.mount("tmpfs", f"{ROOT}/dev", "tmpfs", linux.MS_NOSUID | linux.MS_NOEXEC, "mode=755,size=64k,nr_inodes=64")
    _make_dev()
    linux.mount_setattr(f"{ROOT}/dev", linux.MOUNT_ATTR_RDONLY | linux.MOUNT_ATTR_NOSUID)


def enter(*, work_bytes: int, directory: str = "") -> None:
    """Make the template this process's root, with fresh writable places.

    The caller has a mount and a pid namespace of its own. Ends in `WORK`.

    Args:
        work_bytes: how much /submission and /tmp may hold, each.
        directory: what is /submission instead: a directory of the user's own, to read and to write.
    """
    quiet = linux.MS_NOSUID | linux.MS_NODEV
    with _kept(_about_to_be_covered()) as interpreters:
        for name in _FRESH:
            size = work_bytes if name in ("submission", "tmp") else 1 << 20
            linux.mount("tmpfs", f"{ROOT}/{name}", "tmpfs", quiet, f"mode=1777,size={size},nr_inodes=16k")
        for path, fd in interpreters.items():
            os.makedirs(ROOT + path)
            linux.bind(f"/proc/self/fd/{fd}", ROOT + path)
    if directory:
        linux.bind(directory, ROOT + WORK)
        linux.mount_setattr(ROOT + WORK, linux.MOUNT_ATTR_NOSUID | linux.MOUNT_ATTR_NODEV)
    linux.mount("proc", f"{ROOT}/proc", "proc", quiet | linux.MS_NOEXEC, "hidepid=2")
    linux.mount("devpts", f"{ROOT}/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "newinstance,ptmxmode=0666")
    os.chdir(ROOT)
    linux.pivot_root_here()
    os.chdir(WORK)


def interpreter_directories() -> list[str]:
    """Directories outside /usr that the running interpreter needs, at the paths where it expects them."""
    home = os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))
    wanted = {os.path.abspath(path) for path in (sys.prefix, sys.base_prefix, sys.exec_prefix, home)}
    outside = sorted(path for path in wanted if path != "/" and not _is_within(path, "/usr"))
    return [path for path in outside if not any(other != path and _is_within(path, other) for other in outside)]


def _about_to_be_covered() -> list[str]:
    """Directories of the interpreter that stand where a fresh place will be, such as a venv in /tmp."""
    return [path for path in interpreter_directories() if any(_is_within(path, f"/{name}") for name in _FRESH)]


@contextlib.contextmanager
def _kept(paths: list[str]) -> Iterator[dict[str, int]]:
    """Descriptors of directories of the template, which stay what they are when something is mounted above."""
    held = {path: os.open(ROOT + path, os.O_PATH | os.O_CLOEXEC) for path in paths}
    try:
        yield held
    finally:
        for fd in held.values():
            os.close(fd)


def _is_within(path: str, directory: str) -> bool:
    return os.path.commonpath((path, directory)) == directory


def _mirror(path: str) -> None:
    """Show a system directory as it is: a link as the same link, a directory as itself."""
    if os.path.islink(path):
        os.symlink(os.readlink(path), ROOT + path)
    elif os.path.isdir(path):
        _bind_directory(path)


def _bind_directory(path: str) -> None:
    os.makedirs(ROOT + path, exist_ok=True)
    linux.bind(path, ROOT + path)


def _bind_file(path: str) -> None:
    os.close(os.open(ROOT + path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    linux.bind(path, ROOT + path)


def _cover_ourselves() -> None:
    """Hide this package (and with it the installed suites) from the programs that it judges."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    name = os.path.basename(package)
    # An editable install keeps its files elsewhere, and may have left the suites beside the interpreter's packages.
    for place in {package, *(os.path.realpath(os.path.join(path, name)) for path in sys.path)}:
        shown = ROOT + place
        if os.path.isdir(shown):
            linux.mount("tmpfs", shown, "tmpfs", linux.MS_NOSUID, "size=4k,nr_inodes=2")


def _write_etc() -> None:
    texts = {
        "passwd": _PASSWD,
        "group": _GROUP,
        "hosts": _HOSTS,
        "hostname": "student\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
        "resolv.conf": "# There is no name server in the lab: names stand in /etc/hosts.\n",
        "host.conf": "multi on\n",
    }
    for name, text in texts.items():
        with open(f"{ROOT}/etc/{name}", "w", encoding="ascii") as file:
            file.write(text)
    for name in _FROM_ETC:
        path = f"/etc/{name}"
        if os.path.isdir(path):
            _bind_directory(path)
        elif os.path.exists(path):
            _bind_file(path)


def _make_dev() -> None:
    for name in _DEVICES:
        if os.path.exists(f"/dev/{name}"):
            _bind_file(f"/dev/{name}")
    for name in ("pts", "shm"):
        os.mkdir(f"{ROOT}/dev/{name}")
    for name, target in {
        "ptmx": "pts/ptmx",
        "fd": "/proc/self/fd",
        "stdin": "/proc/self/fd/0",
        "stdout": "/proc/self/fd/1",
        "stderr": "/proc/self/fd/2",
    }.items():
        os.symlink(target, f"{ROOT}/dev/{name}")
