"""A directory as a value: what is kept, what is left out, and that it comes back as it was."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.snapshot import Entry, Snapshot

NOT_UTF8 = b"caf\xe9"


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A directory with one of everything that is kept."""
    root = tmp_path / "original"
    (root / "deep" / "empty").mkdir(parents=True)
    (root / "program").write_bytes(b"#!/bin/sh\n\x00\xff")
    (root / "program").chmod(0o755)
    (root / "deep" / "data").write_bytes(bytes(range(256)) * 300)
    (root / "deep" / "data").chmod(0o600)
    (root / "inside").symlink_to("deep/data")
    (root / "dangling").symlink_to("/etc/shadow")
    Path(os.fsdecode(os.fsencode(root) + b"/" + NOT_UTF8)).write_bytes(b"")
    return root


def test_what_is_taken_is_unpacked_again(original: Path, tmp_path: Path) -> None:
    taken = snapshot.take(original)
    copy = tmp_path / "copy"
    copy.mkdir()
    snapshot.unpack(taken, str(copy))
    assert snapshot.take(copy) == taken
    assert {os.fsencode(path.relative_to(copy)) for path in copy.rglob("*")} == {
        b"deep", b"deep/empty", b"deep/data", b"program", b"inside", b"dangling", NOT_UTF8,
    }  # fmt: skip
    assert (copy / "dangling").readlink() == Path("/etc/shadow")
    assert (copy / "program").stat().st_mode & 0o777 == 0o755
    assert (copy / "deep" / "data").stat().st_mode & 0o777 == 0o644


def test_it_travels_in_a_descriptor(original: Path) -> None:
    taken = snapshot.take(original)
    assert snapshot.from_descriptor(snapshot.to_descriptor(taken)) == taken


def test_files_are_found_by_name_and_links_are_not_followed(original: Path) -> None:
    taken = snapshot.take(original)
    assert taken.file("program") == b"#!/bin/sh\n\x00\xff"
    assert taken.is_executable("program")
    assert taken.file("deep/data") == bytes(range(256)) * 300
    assert not taken.is_executable("deep/data")
    assert taken.file("inside") is None
    assert taken.file("deep") is None
    assert taken.file("../original/program") is None


def test_parents_come_before_what_they_hold(original: Path) -> None:
    paths = [entry.path for entry in snapshot.take(original).entries]
    assert all(paths.index(os.path.dirname(path)) < place for place, path in enumerate(paths) if b"/" in path)


def test_special_files_and_version_control_are_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").touch()
    (tmp_path / ".gitignore").touch()
    assert snapshot.take(tmp_path) == Snapshot((Entry(b".gitignore", "file"),))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a device file")
def test_device_files_are_left_out(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "zero", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("CAP_MKNOD is missing")
    assert snapshot.take(tmp_path) == Snapshot()


def test_exactly_the_bound_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(600))
    (tmp_path / "b").write_bytes(bytes(424))
    assert len(snapshot.take(tmp_path, max_bytes=1024).entries) == 2
    (tmp_path / "c").write_bytes(b"1")
    with pytest.raises(UsageError, match=r"larger than .*; leave out what the programs do not need"):
        snapshot.take(tmp_path, max_bytes=1024)


def test_sparse_file_is_refused_unread(tmp_path: Path) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UsageError, match=r"sparse: 1099511627776 bytes; a submitted file may hold 64 MiB"):
        snapshot.take(tmp_path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    for number in range(snapshot.MAX_ENTRIES):
        os.symlink("x", tmp_path / str(number))
    assert len(snapshot.take(tmp_path).entries) == snapshot.MAX_ENTRIES
    os.symlink("x", tmp_path / "one more")
    with pytest.raises(UsageError, match=f"{snapshot.MAX_ENTRIES} files"):
        snapshot.take(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").touch(0o000)
    with pytest.raises(UsageError, match=r"secret: cannot be read \(Permission denied\)"):
        snapshot.take(tmp_path)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """Two entries of one name cannot come from a directory; from elsewhere they are refused."""
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    root.mkdir()
    crafted = Snapshot((Entry(b"name", "link", data=os.fsencode(outside)), Entry(b"name", "file", data=b"x")))
    with pytest.raises(FileExistsError):
        snapshot.unpack(crafted, str(root))
    assert not outside.exists()
