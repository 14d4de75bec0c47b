"""A missing privilege in many languages, and errors that nobody caught in as many."""

from __future__ import annotations

import pytest

from pytest_netlab.grading.complaints import shows_traceback, speaks_of_privilege

PYTHON = """Traceback (most recent call last):
  File "/work/a.py", line 3, in <module>
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 17)
PermissionError: [Errno 1] Operation not permitted
"""
NODE = """node:internal/process:12
Error: socket EPERM
    at Object.<anonymous> (/work/a.js:3:7)
    at Module._compile (node:internal/modules/cjs/loader:1105:14)
"""


@pytest.mark.parametrize(
    "text",
    [
        PYTHON,
        NODE,
        "socket: Operation not permitted",
        "Permission denied",
        "run this as root",
        "Only root may do that.",
        "please use sudo",
        "needs CAP_NET_RAW",
        "[Errno 13]",
        "Access is denied",
        "You must be an Administrator",
        "Berechtigung fehlt",
        "Das ist nicht erlaubt.",
        "Opération non permise",
        "il faut les droits de l'administrateur",
        "Permiso denegado",
        "Permesso negato",
        "Sem permissão",
        "Brak uprawnień",
        "Недостаточно прав",
        "权限不足",
        "管理者権限が必要です",
    ],
)
def test_it_speaks_of_privilege(text: str) -> None:
    assert speaks_of_privilege(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Something went wrong, please try again later",
        "Cannot open a raw socket",
        "Sent 31 bytes to 127.0.0.1:8000",
        'File "/root/raw_udp_sender.py", line 3',
        "initializing, resizing and synchronizing",
        "Error 22: invalid argument",
        "[Errno 111] Connection refused",
    ],
)
def test_it_speaks_of_something_else(text: str) -> None:
    assert not speaks_of_privilege(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        PYTHON,
        NODE,
        PYTHON.replace("\n", "\r\n"),
        'Exception in thread "main" java.net.SocketException\n\tat Main.main(Main.java:5)\n',
        "panic: operation not permitted\n\ngoroutine 1 [running]:\n",
        "thread 'main' panicked at src/main.rs:4:10:\n",
        "terminate called after throwing an instance of 'std::system_error'\n",
        "a.rb:3:in `initialize': Operation not permitted (Errno::EPERM)\n\tfrom a.rb:3:in `<main>'\n",
    ],
)
def test_it_shows_a_traceback(text: str) -> None:
    assert shows_traceback(text.encode())


@pytest.mark.parametrize(
    "text", ["", "socket: Operation not permitted", "no traceback here", "sent at 12:30:01", "meet me at home (later)"]
)
def test_it_shows_none(text: str) -> None:
    assert not shows_traceback(text.encode())
