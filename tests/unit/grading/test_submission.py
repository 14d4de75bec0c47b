"""A submission: where a program is looked up, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_netlab.errors import UsageError
from pytest_netlab.grading.submission import ProgramMissing, Submission
from pytest_netlab.lab.snapshot import Entry, Snapshot

NAMED = '[programs]\nserver = ["perl", "server.pl"]\n'


def put(directory: Path, *, executable: bool = False, **files: str) -> Path:
    """Write files; `NAME_py` becomes `NAME.py`, `netlab_toml` becomes `netlab.toml`."""
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        path = directory / name.replace("_", ".")
        path.write_text(text)
        path.chmod(0o755 if executable else 0o644)
    return directory


def test_configuration_comes_first(tmp_path: Path) -> None:
    put(tmp_path, netlab_toml=NAMED, server_py="", server="", executable=True)
    assert Submission(tmp_path).command("server") == ("perl", "server.pl")


def test_python_file_comes_before_executable(tmp_path: Path) -> None:
    put(tmp_path, server_py="", server="", executable=True)
    assert Submission(tmp_path).command("server") == (sys.executable, "server.py")


def test_python_file_runs_with_the_configured_interpreter(tmp_path: Path) -> None:
    put(tmp_path, server_py="", netlab_toml='[python]\ninterpreter = "pypy3"\n')
    assert Submission(tmp_path).command("server") == ("pypy3", "server.py")


def test_executable_comes_last(tmp_path: Path) -> None:
    put(tmp_path, server="#!/bin/sh\n", executable=True)
    assert Submission(tmp_path).command("server") == ("./server",)


def test_missing_program_names_what_was_looked_for(tmp_path: Path) -> None:
    put(tmp_path, server="not executable")
    (tmp_path / "server.py").mkdir()
    with pytest.raises(ProgramMissing) as missing:
        Submission(tmp_path).command("server")
    assert missing.value.looked_for == ("netlab.toml [programs] server", "server.py", "an executable file server")
    assert all(name in str(missing.value) for name in missing.value.looked_for)


def test_program_may_come_from_the_build(tmp_path: Path) -> None:
    put(tmp_path, netlab_toml='[build]\ncommand = ["make"]\n')
    submission = Submission(tmp_path)
    assert submission.build_command == ("make",)
    built = Snapshot((*submission.files.entries, Entry(b"server", "file", executable=True, data=b"\x7fELF")))
    assert submission.command("server", built) == ("./server",)


def test_malformed_configuration_names_the_file(tmp_path: Path) -> None:
    put(tmp_path, netlab_toml="[programs]\nserver = 1\n")
    with pytest.raises(UsageError) as refused:
        Submission(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'netlab.toml'}, line 2: programs.server: ")


def test_directory_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere: not a readable directory \(No such file or directory\)"):
        Submission(tmp_path / "nowhere")


def test_file_instead_of_a_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a readable directory"):
        Submission(put(tmp_path, server_py="") / "server.py")


def test_linked_directory_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(put(tmp_path / "real", server_py=""))
    assert Submission(link.resolve()).files.file("server.py") == b""
    with pytest.raises(UsageError, match="link: not a readable directory"):
        Submission(link)


def test_submission_is_not_written_to(tmp_path: Path) -> None:
    put(tmp_path, netlab_toml=NAMED, server_py="print()", executable=True)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.iterdir()}
    changed = tmp_path.stat().st_mtime_ns
    Submission(tmp_path).command("server")
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.iterdir()} == before
    assert tmp_path.stat().st_mtime_ns == changed
