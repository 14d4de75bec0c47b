"""pytest-netlab run: any program in the lab, at the user's own terminal, with what it did on the wire."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import pytest

from pytest_netlab import read_capture
from tests.cli.terminals import COMMAND, Terminal
from tests.machines import on_a_machine

SUBMISSIONS = Path(__file__).parent.parent / "submissions"
TWO_PORTS = SUBMISSIONS / "broken" / "2.2" / "two-ports" / "manual_handshake.py"


def run(*arguments: str | Path, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "run", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, input=stdin, timeout=120, cwd=cwd)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A file for a program, in a directory of its own."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work" / "program.py"


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_two_port_handshake_is_explained() -> None:
    done = run(TWO_PORTS)
    assert (done.returncode, done.stdout) == (0, "Manual handshake completed successfully\n")
    said = words(done.stderr)
    begun = re.search(r"begun from port (\d+) \(frame (\d+)\) and its ACK came from port (\d+) \(frame (\d+)\)", said)
    assert begun is not None, done.stderr
    assert begun[1] != begun[3]
    assert "two ports, two connections" in said
    assert re.search(r"The server answered RST \(frame \d+\); its accept\(\) never returned\.", said)
    assert f"{begun[1]} → 80 S seq 0 (1000)" in done.stderr
    assert f"80 → {begun[3]} R seq" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("broken/2.2/no-ack", "no ACK followed. The server's accept() never returned."),
        ("broken/2.2/acknowledgment-not-advanced", "The handshake's numbers disagree: the ACK acknowledges"),
        ("variants/2.2/raw-socket", "stood: the server's accept() returned"),
    ],
)
def test_handshakes_are_told_apart(case: str, said: str) -> None:
    assert said in words(run("--quiet", SUBMISSIONS / case / "manual_handshake.py").stderr)


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        ("closed", "Port 80 of scanme.nmap.org refused the connection with RST: nobody listens there."),
        ("silent", "The SYN to port 80 of scanme.nmap.org was never answered."),
    ],
)
def test_peers_by_name(peer: str, said: str) -> None:
    done = run("--quiet", "--peer", peer, SUBMISSIONS / "variants" / "2.2" / "raw-socket" / "manual_handshake.py")
    assert said in words(done.stderr)


def test_a_wrong_checksum_is_said() -> None:
    case = SUBMISSIONS / "broken" / "1.4" / "checksum-constant" / "raw_udp_sender.py"
    said = words(run("--quiet", "--peer", "listener", case).stderr)
    assert re.search(r"✗ frame \d+: The UDP checksum is wrong: 0xabcd where 0x[0-9a-f]{4} is right", said)


def test_a_flood_is_told_in_part_and_soon_over(tmp_path: Path) -> None:
    done = run("ping", "-q", "-f", "-c", "3000", "8.8.8.8", cwd=tmp_path)
    assert done.returncode == 0
    assert re.search(r"… \d+ packets more", done.stderr)
    assert "All 3000 echo requests were answered by 8.8.8.8." in done.stderr
    assert len(done.stderr.splitlines()) < 400


def test_without_net_raw() -> None:
    case = SUBMISSIONS / "variants" / "2.2" / "raw-socket" / "manual_handshake.py"
    done = run("--no-net-raw", case)
    assert "not permitted" in done.stdout
    assert "Nothing: no packet was sent, and none came." in done.stderr


def test_a_server_meets_clients(program: Path) -> None:
    program.write_text(
        "import socket\ns = socket.socket(type=socket.SOCK_DGRAM)\ns.bind(('127.0.0.1', 8000))\n"
        "print([s.recv(99) for _ in range(3)])\n"
    )
    done = run("--peer", "clients", program)
    assert (done.returncode, done.stdout) == (0, "[b'Hello, World!', b'A', b'']\n")


def test_a_sniffer_meets_traffic(program: Path) -> None:
    program.write_text(
        "import socket\ns = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))\n"
        "print({s.recv(99)[23] for _ in range(40)} >= {1, 6, 17})\n"
    )
    done = run("--peer", "traffic", "--quiet", program)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_streams_that_are_redirected_pass_as_they_are() -> None:
    done = run("--quiet", "sh", "-c", "cat; echo wrong >&2; test -t 0 || test -t 1 || echo plain", stdin="a\0b\r\n")
    assert done.stdout == "a\0b\r\nplain\n" or done.stdout == "a\0b\nplain\n"
    assert "wrong" in done.stderr.splitlines()


@pytest.mark.parametrize(("script", "status"), [("exit 3", 3), ("kill -9 $$", 137), ("kill $$", 143), ("true", 0)])
def test_exit_status_is_the_program_s(script: str, status: int) -> None:
    assert run("sh", "-c", script).returncode == status


def test_a_capture_is_saved_and_can_be_shown(tmp_path: Path) -> None:
    file = tmp_path / "get.pcapng"
    done = run("--quiet", "--capture", file, "curl", "-sS", "httpbin.org/get", cwd=tmp_path)
    assert done.returncode == 0
    assert '"url": "http://httpbin.org/get"' in done.stdout
    assert "the server's accept() returned; both sides closed it" in words(done.stderr)
    assert len(list(read_capture(file))) >= 9
    shown = subprocess.run([*COMMAND, "show", str(file)], capture_output=True, text=True, timeout=60, check=True)
    assert "httpbin.org 10.77.0.80" in shown.stdout


def test_the_directory_is_a_copy_and_keep_brings_back(program: Path, tmp_path: Path) -> None:
    program.write_text("import pathlib; pathlib.Path('made').write_text(pathlib.Path('given').read_text() * 2)\n")
    (program.parent / "given").write_text("ab")
    kept = tmp_path / "kept"
    done = run("--keep", kept, program)
    assert done.returncode == 0
    assert "made" in done.stderr.splitlines()[-1]
    assert [file.name for file in kept.iterdir()] == ["made"]
    assert (kept / "made").read_text() == "abab"
    assert not (program.parent / "made").exists()
    again = run("--keep", kept, program)
    assert again.returncode == 4
    assert "nothing is overwritten" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere/program.py",), "nowhere/program.py: no such file"),
        (("no-such-command",), "no such command in /usr/local/bin:"),
        (("/tmp",), "/tmp is a directory; name the program in it"),
        (("--peer", "friendly", "true"), "invalid choice: 'friendly'"),
        (("--capture", "/nowhere/x.pcapng", "true"), "no directory /nowhere"),
        ((), "PROGRAM"),
    ],
)
def test_a_wrong_call_is_a_usage_error(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 4
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_without_the_right_to_run(program: Path) -> None:
    script = program.with_name("script")
    script.write_text("#!/bin/sh\necho hello\n")
    done = run(script)
    assert done.returncode == 4
    assert "is not executable; chmod +x" in done.stderr
    script.chmod(0o755)
    assert run(script).stdout == "hello\n"


def test_a_machine_without_a_lab_names_the_knob() -> None:
    command = [*on_a_machine("user/max_user_namespaces"), *COMMAND, "run", "true"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert "there is no lab on this machine" in done.stderr
    assert "Remedy: sysctl user.max_user_namespaces=10000" in done.stderr


def test_on_a_terminal_the_ladder_has_a_bar_and_program_lines_stay_whole(program: Path) -> None:
    program.write_text(
        "import socket, sys\nsys.stdout.write('begun'); sys.stdout.flush()\n"
        "s = socket.create_connection(('httpbin.org', 80)); input(); print('over')\n"
    )
    with Terminal("run", program, environment={"NO_COLOR": ""}) as terminal:
        terminal.wait_for("\u2502   3 ")
        terminal.press("\r")
        assert terminal.wait_end() == 0
        shown = terminal.shown
        assert re.search(r"^begun$", shown, re.MULTILINE)
        assert re.search(r"^\x1b\[36m│ +1 +0\.000000  student → httpbin\.org  \d+ → 80 S seq 0", shown, re.MULTILINE)
        assert re.search(r"^over$", shown, re.MULTILINE)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
        assert max(len(line) for line in plain.splitlines()) <= 80
        assert terminal.settings == terminal.before


def test_ctrl_c_reaches_the_program(program: Path) -> None:
    program.write_text(
        "import signal\ntry:\n    print('ready', flush=True)\n    signal.pause()\n"
        "except KeyboardInterrupt:\n    print('interrupted')\n    raise SystemExit(7)\n"
    )
    with Terminal("run", program) as terminal:
        terminal.wait_for("ready")
        terminal.press("\x03")
        assert terminal.wait_end() == 7
        assert "interrupted" in terminal.shown
        assert "Traceback" not in terminal.shown
        assert terminal.settings == terminal.before


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_are_passed_on(number: signal.Signals, status: int) -> None:
    command = [*COMMAND, "run", "sh", "-c", "echo ready; exec sleep 60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(60) == status


def test_the_window_s_size_is_the_user_s_and_follows(program: Path) -> None:
    program.write_text(
        "import os, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})\n"
        "print(os.get_terminal_size(), flush=True)\nsignal.sigwait({signal.SIGWINCH})\n"
        "print(os.get_terminal_size(), flush=True)\n"
    )
    with Terminal("run", program, size=(31, 97)) as terminal:
        terminal.wait_for("columns=97, lines=31")
        terminal.resize(44, 133)
        terminal.wait_for("columns=133, lines=44")
        assert terminal.wait_end() == 0


def test_no_colour_where_the_user_wants_none() -> None:
    with Terminal("run", "ping", "-c", "1", "8.8.8.8", environment={"NO_COLOR": "1"}) as terminal:
        assert terminal.wait_end() == 0
        assert "answered by 8.8.8.8" in terminal.shown
        assert "\x1b" not in terminal.shown


def test_what_a_program_prints_is_not_believed(program: Path) -> None:
    """Its escape sequences are its own; none of them comes from our side."""
    program.write_text(
        "import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b'\\x1b[2J\\x07', ('10.77.0.1', 8000))\n"
    )
    done = run(program)
    assert "\x1b" not in done.stderr
    assert "UDP 5 bytes" in done.stderr


def test_help_has_peers_and_examples() -> None:
    said = run("--help").stdout
    assert re.search(r"^  silent +TCP port 80 and 8\.8\.8\.8 answer nothing at all$", said, re.MULTILINE)
    assert "examples:\n  pytest-netlab run manual_handshake.py" in said
    assert "exit status:" in said
