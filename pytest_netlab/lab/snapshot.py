"""A directory as a value: how a submission enters a sandbox, and how what it built comes out.

Regular files, directories and symbolic links; nothing else is kept, nothing is ever followed. Bounded in
size and count, so that a sparse terabyte or a million files cost no more than the bound.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from pytest_netlab.errors import UsageError

MAX_BYTES: Final = 64 << 20
MAX_ENTRIES: Final = 10_000
_LEFT_OUT: Final = frozenset({".git", ".hg", ".svn"})
_AS_IT_IS: Final = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
"""Flags for opening a file, of those that this system has: files are read where no program can run, too."""


class Entry(msgspec.Struct, frozen=True):
    """One name below the root. `data` is a file's content or a link's target."""

    path: bytes
    kind: Literal["file", "directory", "link"]
    executable: bool = False
    data: bytes = b""


class Snapshot(msgspec.Struct, frozen=True):
    """The entries of a directory, parents first."""

    entries: tuple[Entry, ...] = ()

    def file(self, name: str) -> bytes | None:
        """The content of the regular file `name` (relative, with slashes); None where there is none."""
        entry = self._find(name)
        return entry.data if entry and entry.kind == "file" else None

    def is_link(self, name: str) -> bool:
        """Whether `name` is a symbolic link."""
        entry = self._find(name)
        return entry is not None and entry.kind == "link"

    def is_executable(self, name: str) -> bool:
        """Whether `name` is a regular file with its owner's execute bit set."""
        entry = self._find(name)
        return entry is not None and entry.kind == "file" and entry.executable

    def _find(self, name: str) -> Entry | None:
        wanted = os.fsencode(name)
        return next((entry for entry in self.entries if entry.path == wanted), None)


_decoder = msgspec.msgpack.Decoder(Snapshot)
"""Made once: it takes longer than decoding does."""


def take(directory: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> Snapshot:
    """Read a directory.

    Raises:
        UsageError: it is not a directory, is a symbolic link, cannot be read, or exceeds the bounds.
    """
    root = os.fsencode(directory)
    try:
        _check_directory(root)
    except OSError as error:
        raise UsageError(f"{os.fsdecode(root)}: not a readable directory ({error.strerror})") from error
    entries: list[Entry] = []
    left = max_bytes
    for entry in _walk(root, b""):
        left -= len(entry.data)
        entries.append(entry)
        if left < 0 or len(entries) > MAX_ENTRIES:
            raise UsageError(
                f"{os.fsdecode(root)}: larger than {max_bytes >> 20} MiB or {MAX_ENTRIES} files; "
                "leave out what the programs do not need"
            )
    return Snapshot(tuple(entries))


def unpack(snapshot: Snapshot, directory: str) -> None:
    """Write the entries below `directory`, which must be empty and the caller's alone.

    Raises:
        UsageError: an entry's name leads out of it, or through something that is no directory of it.
    """
    base = os.fsencode(directory)
    directories = {b""}
    for entry in snapshot.entries:
        above, name = os.path.split(entry.path)
        if above not in directories or name in (b"", b".", b".."):
            raise UsageError(f"{os.fsdecode(entry.path)!r}: a name that leads out of the submission")
        if entry.kind == "directory":
            directories.add(entry.path)
        path = os.path.join(base, entry.path)
        if entry.kind == "directory":
            os.mkdir(path, 0o755)
        elif entry.kind == "link":
            os.symlink(entry.data, path)
        else:
            mode = 0o755 if entry.executable else 0o644
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
            with open(fd, "wb") as file:
                file.write(entry.data)


def to_descriptor(snapshot: Snapshot) -> int:
    """A new memory file that holds the encoded snapshot."""
    fd = os.memfd_create("snapshot", os.MFD_CLOEXEC)
    with open(fd, "wb", closefd=False) as file:
        file.write(msgspec.msgpack.encode(snapshot))
    return fd


def from_descriptor(fd: int) -> Snapshot:
    """The snapshot that `to_descriptor` wrote; closes `fd`."""
    with open(fd, "rb") as file:
        file.seek(0)
        return _decoder.decode(file.read())


def _check_directory(root: bytes) -> None:
    """Raise OSError where `root` is not a directory that can be read."""
    directory = getattr(os, "O_DIRECTORY", None)
    if directory is not None:
        os.close(os.open(root, os.O_RDONLY | os.O_NOFOLLOW | directory))
    elif os.path.islink(root) or not os.path.isdir(root):  # Windows opens no directories
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _walk(root: bytes, below: bytes) -> Iterator[Entry]:
    try:
        names = sorted(os.listdir(os.path.join(root, below)))
    except OSError as error:
        raise UsageError(f"{os.fsdecode(os.path.join(root, below))}: {error.strerror}") from error
    for name in names:
        if os.fsdecode(name) in _LEFT_OUT:
            continue
        path = os.path.join(below, name)
        full = os.path.join(root, path)
        found = os.lstat(full)
        if stat.S_ISDIR(found.st_mode):
            yield Entry(path, "directory")
            yield from _walk(root, path)
        elif stat.S_ISLNK(found.st_mode):
            yield Entry(path, "link", data=os.readlink(full))
        elif stat.S_ISREG(found.st_mode):
            yield Entry(path, "file", bool(found.st_mode & stat.S_IXUSR), _read(full, found.st_size))


def _read(path: bytes, size: int) -> bytes:
    if size > MAX_BYTES:
        raise UsageError(f"{os.fsdecode(path)}: {size} bytes; a submitted file may hold {MAX_BYTES >> 20} MiB")
    try:
        fd = os.open(path, os.O_RDONLY | _AS_IT_IS)
    except OSError as error:
        raise UsageError(f"{os.fsdecode(path)}: cannot be read ({error.strerror})") from error
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise UsageError(f"{os.fsdecode(path)}: it was a regular file, and is none any more")
        return file.read(MAX_BYTES + 1)
