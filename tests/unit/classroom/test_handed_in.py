"""Which submissions a directory holds, what they are called, and where their results go."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import msgspec
import pytest

from pytest_netlab.classroom import handed_in
from pytest_netlab.errors import UsageError
from pytest_netlab.lab.snapshot import Snapshot, take


def test_directories_and_archives_by_name(tmp_path: Path) -> None:
    (tmp_path / "zoe").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").touch()
    for name in ("bob.zip", "anna.v2.tar.gz", "zoe.ZIP"):
        (tmp_path / name).touch()
    found = handed_in.find(tmp_path)
    assert [each.name for each in found] == ["anna.v2", "bob", "zoe", "zoe.ZIP"]
    assert len({each.folder for each in found}) == len(found)


def test_no_submission_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no submission in it; each is a directory or one of \.zip, \.tar"):
        handed_in.find(tmp_path)
    with pytest.raises(UsageError, match=r"nowhere: not a readable directory \(No such file or directory\)"):
        handed_in.find(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["../x", "=1+1", "Ä ö", "a\nb", "-rf", ".", "x" * 300, "<b>", "a%2fb"])
def test_a_folder_name_is_plain_and_keeps_names_apart(name: str) -> None:
    folder = handed_in.folder_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,140}", folder)
    assert folder != handed_in.folder_name(f"{name} ")
    assert handed_in.folder_name("anna_1.2-b") == "anna_1.2-b"


def test_a_directory_with_one_archive_is_that_archive(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "client.py").write_text("1")
    place = tmp_path / "class" / "Anna_17_file"
    place.mkdir(parents=True)
    with tarfile.open(place / "mine.tgz", "w:gz") as archive:
        archive.add(work, "mine")
    (found,) = handed_in.find(tmp_path / "class")
    assert msgspec.msgpack.decode(found.read(), type=Snapshot) == take(work)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "anna").symlink_to("/etc")
    (tmp_path / "bob.zip").symlink_to("/etc/passwd")
    for found in handed_in.find(tmp_path):
        with pytest.raises(UsageError, match="a symbolic link; hand in the directory itself"):
            found.read()
