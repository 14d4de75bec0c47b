"""What teachers do today, for exercises 0.1 and 1.1: tcpdump, run, send, sleep, look at the capture with Scapy.

    unshare --map-root-user --net python benchmarks/as_today.py SUBMISSION

Nothing here is as careful as the suites: eight checks instead of 41, and sleeps where the suites wait for events. It
is the comparison of `python -m benchmarks grade`, and stands alone: it imports nothing of this project.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SLEEP_S = 1.0


def main() -> None:
    """Grade one submission and print its points."""
    directory = Path(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    points = 0
    with tempfile.TemporaryDirectory() as scratch:
        checks: list[tuple[Any, ...]] = [
            (server, directory, "abcd_server.py", 20000, b"A", b"ABCD"),
            (client, directory, "abcd_client.py", 20000, b"A", b"ABCD"),
            (server, directory, "udp_server.py", 8000, b"Hello", None),
            (client, directory, "udp_client.py", 8000, b"Hello, World!", None),
        ]
        for number, (check, *arguments) in enumerate(checks):
            points += check(Path(scratch, f"{number}.pcap"), *arguments)
    print(f"{points} of 8")


def server(capture: Path, directory: Path, name: str, port: int, says: bytes, answer: bytes | None) -> int:
    """Start a server, send it a datagram; a point for receiving it, one for the answer."""
    sniffer = tcpdump(capture, port)
    program = run(directory, name)
    time.sleep(SLEEP_S)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.sendto(says, ("127.0.0.1", port))
        time.sleep(SLEEP_S)
    program.terminate()
    program.wait()
    payloads = payloads_in(capture, sniffer)
    return int(says in payloads) + int(answer is None or answer in payloads)


def client(capture: Path, directory: Path, name: str, port: int, says: bytes, answer: bytes | None) -> int:
    """Wait for a client's datagram and answer it; a point for sending, one for the words."""
    sniffer = tcpdump(capture, port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", port))
        peer.settimeout(3 * SLEEP_S)
        program = run(directory, name)
        try:
            _, address = peer.recvfrom(2048)
            if answer:
                peer.sendto(answer, address)
        except TimeoutError:
            pass
        time.sleep(SLEEP_S)
    program.terminate()
    program.wait()
    payloads = payloads_in(capture, sniffer)
    return int(bool(payloads)) + int(says in payloads)


def tcpdump(capture: Path, port: int) -> subprocess.Popen[bytes]:
    """Start tcpdump, and hope."""
    command = ["tcpdump", "-Z", "root", "-U", "-i", "lo", "-w", str(capture), f"udp port {port}"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    time.sleep(SLEEP_S)
    return process


def run(directory: Path, name: str) -> subprocess.Popen[bytes]:
    """Start a program."""
    return subprocess.Popen([sys.executable, name], cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def payloads_in(capture: Path, sniffer: subprocess.Popen[bytes]) -> list[bytes]:
    """Stop tcpdump, and read what it wrote."""
    from scapy.layers.inet import UDP
    from scapy.utils import rdpcap

    time.sleep(SLEEP_S)
    sniffer.terminate()
    sniffer.wait()
    return [bytes(packet[UDP].payload) for packet in rdpcap(str(capture)) if UDP in packet]


if __name__ == "__main__":
    main()
