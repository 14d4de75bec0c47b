"""Archives as strangers make them: what is read, and what is refused and why."""

from __future__ import annotations

import io
import stat
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_netlab.classroom import unpack
from pytest_netlab.errors import UsageError
from pytest_netlab.lab.snapshot import MAX_BYTES, MAX_ENTRIES, Entry, take

Add = Callable[[tarfile.TarFile], None]


def member(name: str, kind: bytes = tarfile.REGTYPE, linkname: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, linkname, size
    return info


def tar(path: Path, *members: tarfile.TarInfo, mode: str = "w") -> Path:
    """A tar file; regular members hold zeros."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for info in members:
            archive.addfile(info, io.BytesIO(bytes(info.size)))
    return path


def zip_of(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in entries:
            archive.writestr(info, data)
    return path


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A directory as a student has it."""
    directory = tmp_path / "work"
    (directory / "lib").mkdir(parents=True)
    (directory / "client.py").write_text("print(1)\n")
    (directory / "lib" / "deep.txt").write_bytes(bytes(range(256)))
    (directory / "run").write_text("#!/bin/sh\n")
    (directory / "run").chmod(0o755)
    (directory / "link").symlink_to("lib/deep.txt")
    return directory


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("wrapper", [".", "solution/v2"])
def test_a_tar_file_is_what_its_directory_is(work: Path, tmp_path: Path, mode: str, wrapper: str) -> None:
    path = tmp_path / "handed-in.tar"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        archive.add(work, wrapper)
    assert unpack.read(path) == take(work)


def test_a_zip_file_is_what_its_directory_is(work: Path, tmp_path: Path) -> None:
    path = zip_of(
        tmp_path / "handed-in.zip",
        (special("mine/client.py", stat.S_IFREG | 0o644), b"print(1)\n"),
        (special("mine/lib\\deep.txt", stat.S_IFREG | 0o644), bytes(range(256))),
        (special("mine/run", stat.S_IFREG | 0o755), b"#!/bin/sh\n"),
        (special("mine/link", stat.S_IFLNK | 0o777), b"lib/deep.txt"),
        ("__MACOSX/mine/._client.py", b"resource"),
        ("mine/.DS_Store", b"finder"),
    )
    assert unpack.read(path) == take(work)


def test_a_hard_link_is_the_file(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", member("a", size=3), member("b", tarfile.LNKTYPE, "a"))
    assert unpack.read(path).entries == (Entry(b"a", "file", data=bytes(3)), Entry(b"b", "file", data=bytes(3)))


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([member("../evil", size=1)], "climbs out"),
        ([member("a/../../evil", size=1)], "climbs out"),
        ([member("/etc/evil", size=1)], "an absolute name"),
        ([member("C:/evil", size=1)], "an absolute name"),
        ([member("out", tarfile.SYMTYPE, "../../etc/shadow")], "leads out of the archive"),
        ([member("out", tarfile.SYMTYPE, "/etc/shadow")], "leads out of the archive"),
        ([member("a/b"), member("a/out", tarfile.SYMTYPE, "../../x")], "leads out of the archive"),
        ([member("d", tarfile.SYMTYPE, "."), member("d/x", size=1)], "which is no directory"),
        ([member("a", size=1), member("a/x", size=1)], "which is no directory"),
        ([member("a", size=1), member("a", tarfile.DIRTYPE)], "is there twice"),
        ([member("hard", tarfile.LNKTYPE, "/etc/shadow")], "absolute name"),
        ([member("hard", tarfile.LNKTYPE, "later"), member("later", size=1)], "does not stand before it"),
        ([member("null", tarfile.CHRTYPE)], "neither a file, a directory nor a link"),
        ([member("disk", tarfile.BLKTYPE)], "neither a file, a directory nor a link"),
        ([member("pipe", tarfile.FIFOTYPE)], "neither a file, a directory nor a link"),
        ([member("n" * 300, size=1)], "no file can have this name"),
        ([member(str(number)) for number in range(MAX_ENTRIES + 1)], "more than 10000 entries"),
    ],
)
def test_what_no_submission_is_is_refused(tmp_path: Path, members: list[tarfile.TarInfo], words: str) -> None:
    path = tar(tmp_path / "handed-in.tar", *members)
    with pytest.raises(UsageError, match=words) as refused:
        unpack.read(path)
    assert str(refused.value).startswith("handed-in.tar: ")


@pytest.mark.parametrize("mode", ["w:gz", "w:xz"])
def test_a_bomb_costs_no_more_than_the_bound(tmp_path: Path, mode: str) -> None:
    path = tar(tmp_path / "bomb.tar", *(member(f"zeros{n}", size=40 << 20) for n in range(2)), mode=mode)
    tracemalloc.start()
    try:
        with pytest.raises(UsageError, match=r"a bomb, and no submission|holds more than 64 MiB"):
            unpack.read(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BYTES
    finally:
        tracemalloc.stop()


def test_a_header_that_promises_too_much_is_not_believed(tmp_path: Path) -> None:
    """A pax header of its own size: the library would read all of it."""
    header = member("./PaxHeaders/x", tarfile.XHDTYPE)
    header.size = 7 << 30
    path = tmp_path / "a.tar"
    path.write_bytes(header.tobuf(tarfile.USTAR_FORMAT) + bytes(5000))
    with pytest.raises(UsageError, match=r"damaged|holds more"):
        unpack.read(path)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([("../evil", b"x")], "climbs out"),
        ([("..\\evil", b"x")], "climbs out"),
        ([("/evil", b"x")], "an absolute name"),
        ([(special("out", stat.S_IFLNK | 0o777), b"../../etc/shadow")], "leads out of the archive"),
        ([(special("null", stat.S_IFCHR | 0o666), b"")], "neither a file nor a directory"),
        ([("zeros", bytes(30 << 20))], "packed more than 100 times"),
        ([("a", b""), ("a/x", b"")], "which is no directory"),
    ],
)
def test_zip_files_are_refused_alike(
    tmp_path: Path, entries: list[tuple[zipfile.ZipInfo | str, bytes]], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        unpack.read(zip_of(tmp_path / "handed-in.zip", *entries))


def test_an_encrypted_zip_file_says_so(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "secret.zip", ("a", b"x"))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(UsageError, match="'a' is encrypted"):
        unpack.read(path)


@pytest.mark.parametrize("cut", [1, 60, 200])
def test_a_file_cut_short_is_damaged(work: Path, tmp_path: Path, cut: int) -> None:
    whole = tmp_path / "whole.tgz"
    with tarfile.open(whole, "w:gz") as archive:
        archive.add(work, ".")
    path = tmp_path / "cut.tgz"
    path.write_bytes(whole.read_bytes()[:cut])
    with pytest.raises(UsageError, match=r"cut.tgz: damaged, or no zip or tar file"):
        unpack.read(path)


def test_what_is_no_archive_says_so(tmp_path: Path) -> None:
    path = tmp_path / "essay.zip"
    path.write_text("I packed it, I think.")
    with pytest.raises(UsageError, match=r"essay\.zip: damaged, or no zip or tar file"):
        unpack.read(path)
