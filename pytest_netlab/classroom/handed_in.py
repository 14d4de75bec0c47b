"""Which submissions there are: directories and archives, one a submission, sorted by name.

A directory that holds nothing but one archive is that archive, as course platforms download them. What cannot be
read, or must not be (a symbolic link is not followed: it could lead to anybody's files), stays in the list, with
the reason. Hidden names are passed over. A submission is read when its turn comes, not before.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from pytest_netlab.classroom import unpack
from pytest_netlab.errors import UsageError
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.snapshot import Snapshot

_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One submission, not read yet.

    Attributes:
        name: what the gradebook calls it.
        path: directory or archive.
        folder: name of its folder in the output directory: plain letters, unique in the class.
    """

    name: str
    path: Path
    folder: str

    def read(self) -> bytes:
        """Its files, as an encoded snapshot.

        Raises:
            UsageError: it is refused; says why.
        """
        return msgspec.msgpack.encode(self._files())

    def _files(self) -> Snapshot:
        if self.path.is_symlink():
            raise UsageError(f"{self.path.name}: a symbolic link; hand in the directory itself")
        if not self.path.is_dir():
            return unpack.read(self.path)
        inside = [entry for entry in sorted(os.listdir(self.path)) if not entry.startswith(".")]
        if len(inside) == 1 and _is_archive(self.path / inside[0]):
            return unpack.read(self.path / inside[0])
        return snapshot.take(self.path)


def find(directory: Path) -> list[HandedIn]:
    """The submissions in `directory`.

    Raises:
        UsageError: it is no directory, or holds no submission.
    """
    try:
        paths = sorted(directory.iterdir())
    except OSError as error:
        raise UsageError(f"{directory}: not a readable directory ({error.strerror})") from error
    found = [path for path in paths if not path.name.startswith(".") and _is_submission(path)]
    if not found:
        raise UsageError(f"{directory}: no submission in it; each is a directory or one of {', '.join(unpack.ENDINGS)}")
    short = [_short_name(path) for path in found]
    names = [path.name if short.count(name) > 1 else name for path, name in zip(found, short, strict=True)]
    return [HandedIn(name, path, folder_name(name)) for name, path in zip(names, found, strict=True)]


def folder_name(name: str) -> str:
    """`name` as it can stand in a path and an address anywhere; a digest keeps changed names apart."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:_LONGEST]
    if plain == name:
        return plain
    return f"{plain or 'submission'}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


def _is_submission(path: Path) -> bool:
    return path.is_symlink() or path.is_dir() or _is_archive(path)


def _is_archive(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.name.lower().endswith(unpack.ENDINGS)


def _short_name(path: Path) -> str:
    if path.is_dir():
        return path.name
    endings = [ending for ending in unpack.ENDINGS if path.name.lower().endswith(ending)]
    return path.name[: -max(map(len, endings))] if endings else path.name
