"""A zip or tar file as a value, or the reason why it is refused. Nothing is written: no name in it reaches a disk.
(tarfile's own data filter guards extraction, which does not happen here, and Python 3.11.2, Debian's, lacks it.)

Refused are names that are absolute or climb (`..`), links that lead out of the archive or to nothing in it, devices
and pipes, two things of one name, entries below something that is no directory, what is encrypted or damaged, and
what is larger than `snapshot.MAX_BYTES`, has more than `snapshot.MAX_ENTRIES` entries, or is packed more than
`MAX_RATIO` times. The bounds hold while it is read, whatever its headers say.

One directory around everything is left out, and so is what macOS and Windows add.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pytest_netlab.errors import UsageError
from pytest_netlab.lab.snapshot import MAX_BYTES, MAX_ENTRIES, Entry, Snapshot

ENDINGS: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MAX_RATIO: Final = 100
_SMALL: Final = 1 << 20
"""Below this many bytes nobody is harmed by any ratio."""
_HEADERS: Final = 2048
"""Bytes that a tar file may spend on headers and padding, an entry."""
_XZ_MEMORY: Final = 256 << 20
_NOT_WORK: Final = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".hg", ".svn"})
_DAMAGED: Final = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


class Refused(Exception):
    """The archive is not unpacked; says why, in the words of its owner."""


class Member(NamedTuple):
    """One entry of an archive. `data` is a file's content or a link's target."""

    name: str
    kind: Literal["file", "directory", "link"]
    executable: bool = False
    data: bytes = b""


def read(path: Path) -> Snapshot:
    """The content of the archive at `path`.

    Raises:
        UsageError: it is refused; says why.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused(f"the archive is larger than {MAX_BYTES >> 20} MiB")
        packed = path.read_bytes()
        members = _zip(packed) if zipfile.is_zipfile(io.BytesIO(packed)) else _tar(packed)
        return Snapshot(_tree(_bounded(members, len(packed))))
    except Refused as refused:
        raise UsageError(f"{path.name}: {refused}") from None
    except NotImplementedError as error:
        raise UsageError(f"{path.name}: a way of packing that is not supported: {error}") from None
    except RuntimeError as error:  # zipfile: encrypted
        raise UsageError(f"{path.name}: {error}") from None
    except _DAMAGED as error:
        raise UsageError(f"{path.name}: damaged, or no zip or tar file: {error or type(error).__name__}") from None


def _zip(packed: bytes) -> Iterator[Member]:
    if packed.count(b"PK\x01\x02") > MAX_ENTRIES:  # before the table of contents costs memory
        raise Refused(f"more than {MAX_ENTRIES} entries")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for info in archive.infolist():
            if info.flag_bits & 0x1:
                raise Refused(f"{info.filename!r} is encrypted")
            name, mode = info.filename.replace("\\", "/"), info.external_attr >> 16
            kind = stat.S_IFMT(mode)
            if info.is_dir() or name.endswith("/"):
                yield Member(name, "directory")
                continue
            if kind not in (0, stat.S_IFREG, stat.S_IFLNK):
                raise Refused(f"{name!r} is neither a file nor a directory")
            if info.file_size > MAX_BYTES:
                raise Refused(f"{name!r} is larger than {MAX_BYTES >> 20} MiB")
            with archive.open(info) as file:
                data = file.read(MAX_BYTES + 1)
            if kind == stat.S_IFLNK:
                yield Member(name, "link", data=data)
            else:
                yield Member(name, "file", bool(mode & stat.S_IXUSR), data)


def _tar(packed: bytes) -> Iterator[Member]:
    content: dict[str, bytes] = {}
    with tarfile.open(fileobj=_Bounded(_unpacked(packed)), mode="r|") as archive:
        for info in archive:
            if info.isdir():
                yield Member(info.name, "directory")
            elif info.issym():
                yield Member(info.name, "link", data=os.fsencode(info.linkname))
            elif info.islnk():
                if _plain(info.linkname) not in content:
                    raise Refused(f"{info.name!r} is a hard link to {info.linkname!r}, which does not stand before it")
                yield Member(info.name, "file", False, content[_plain(info.linkname)])
            elif info.isreg():
                if info.size > MAX_BYTES:
                    raise Refused(f"{info.name!r} is larger than {MAX_BYTES >> 20} MiB")
                file = archive.extractfile(info)
                data = file.read() if file else b""
                content[_plain(info.name)] = data
                yield Member(info.name, "file", bool(info.mode & stat.S_IXUSR), data)
            else:
                raise Refused(f"{info.name!r} is neither a file, a directory nor a link")


def _unpacked(packed: bytes) -> gzip.GzipFile | bz2.BZ2File | io.BytesIO:
    if packed.startswith(b"\x1f\x8b"):
        return gzip.open(io.BytesIO(packed))
    if packed.startswith(b"BZh"):
        return bz2.open(io.BytesIO(packed))
    if packed.startswith(b"\xfd7zXZ\0"):
        # Held whole, within bounds: LZMAFile has no limit on memory.
        unpack = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        return io.BytesIO(unpack.decompress(packed, MAX_BYTES + MAX_ENTRIES * _HEADERS + 1))
    return io.BytesIO(packed)


class _Bounded(io.RawIOBase):
    """A file of which no more can be read than a submission may hold, headers included."""

    def __init__(self, file: gzip.GzipFile | bz2.BZ2File | io.BytesIO) -> None:
        self._file = file
        self._left = MAX_BYTES + MAX_ENTRIES * _HEADERS

    def read(self, size: int = -1) -> bytes:
        """As any file's; refuses what is too much."""
        data = self._file.read(size if 0 <= size <= self._left else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise Refused(f"it holds more than {MAX_BYTES >> 20} MiB")
        return data


def _bounded(members: Iterator[Member], packed_bytes: int) -> Iterator[Member]:
    total = 0
    for count, member in enumerate(members, 1):
        total += len(member.data)
        if count > MAX_ENTRIES:
            raise Refused(f"more than {MAX_ENTRIES} entries")
        if total > MAX_BYTES:
            raise Refused(f"it holds more than {MAX_BYTES >> 20} MiB")
        if total > _SMALL and total > MAX_RATIO * packed_bytes:
            raise Refused(f"packed more than {MAX_RATIO} times: a bomb, and no submission")
        yield member


def _tree(members: Iterator[Member]) -> tuple[Entry, ...]:
    """The entries, parents first, sorted as `snapshot.take` sorts them."""
    found: dict[tuple[str, ...], Member] = {}
    for member in members:
        parts = _parts(member.name)
        if not parts or _NOT_WORK & set(parts) or parts[-1].startswith("._"):
            continue
        for length in range(1, len(parts)):
            found.setdefault(parts[:length], Member("/".join(parts[:length]), "directory"))
        before = found.get(parts)
        if before is not None and before.kind != member.kind:
            raise Refused(f"{member.name!r} is there twice, as a {before.kind} and as a {member.kind}")
        found[parts] = member
    found = _without_wrapper(found)
    for parts, member in found.items():
        _check(parts, member, found)
    return tuple(
        Entry(os.fsencode("/".join(parts)), found[parts].kind, found[parts].executable, found[parts].data)
        for parts in sorted(found, key=lambda parts: [os.fsencode(part) for part in parts])
    )


def _check(parts: tuple[str, ...], member: Member, found: dict[tuple[str, ...], Member]) -> None:
    """Refuse what a tree on a disk could not be, and links that lead out of it."""
    for length in range(1, len(parts)):
        if found[parts[:length]].kind != "directory":
            raise Refused(f"{member.name!r} is below {'/'.join(parts[:length])!r}, which is no directory")
    if member.kind == "link":
        target = os.fsdecode(member.data)
        away = os.path.normpath("/".join((*parts[:-1], target)))
        if target.startswith("/") or away == ".." or away.startswith("../"):
            raise Refused(f"{member.name!r} is a link that leads out of the archive, to {target!r}")


def _parts(name: str) -> tuple[str, ...]:
    if name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        raise Refused(f"{name!r} is an absolute name")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise Refused(f"{name!r} climbs out of the archive")
    if "\0" in name or any(len(os.fsencode(part)) > 255 for part in parts):
        raise Refused(f"{name[:40]!r}…: no file can have this name")
    return parts


def _plain(name: str) -> str:
    return "/".join(_parts(name))


def _without_wrapper(found: dict[tuple[str, ...], Member]) -> dict[tuple[str, ...], Member]:
    """What is in the one directory that holds everything, if there is one."""
    heads = {parts[0] for parts in found}
    if len(heads) != 1 or found[(*heads,)].kind != "directory":
        return found
    inside = {parts[1:]: member for parts, member in found.items() if len(parts) > 1}
    return _without_wrapper(inside) if inside else inside
