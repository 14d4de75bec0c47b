"""Checksums verified per second: ours, tshark, Scapy, over one generated pcap of UDP and TCP over IPv4.

Each is asked the same: how many packets are there, and how many have a wrong IPv4, UDP or TCP checksum. Processor time
is what is compared, children included; the wall clock depends on what else the machine does. Scapy gets fewer packets,
for it takes a minute for a million; its rate does not depend on how many there are.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks import table
from pytest_netlab.wire.checksum import internet_checksum, pseudo_header4

_SIZES: Final = (12, 40, 100, 500, 1400)
_WRONG_EVERY: Final = 1000
_CLIENT, _SERVER = bytes([10, 77, 0, 2]), bytes([10, 77, 0, 80])

_OURS: Final = """
import sys
from pytest_netlab.capture import verify_checksums
result = verify_checksums(sys.argv[1])
bad = sum(count for (layer, state), count in result.states.items() if state.value == "bad")
print(result.packets, bad)
"""
_OURS_EACH: Final = """
import sys
from pytest_netlab import read_capture, dissect
count = bad = 0
for frame in read_capture(sys.argv[1]):
    count += 1
    for header in dissect(frame).layers:
        state = getattr(header, "checksum_state", None)
        bad += state is not None and state.value == "bad"
print(count, bad)
"""
_SCAPY: Final = """
import sys
from scapy.layers.inet import IP, TCP, UDP, in4_chksum
from scapy.layers.l2 import Ether
from scapy.utils import PcapReader, checksum
count = bad = 0
for packet in PcapReader(sys.argv[1]):
    count += 1
    ip = packet[IP]
    bad += checksum(bytes(ip)[:20]) != 0
    carried = ip[UDP] if UDP in ip else ip[TCP]
    bad += in4_chksum(ip.proto, ip, bytes(carried)) not in (0, 0xFFFF)
print(count, bad)
"""
_TSHARK: Final = (
    "tshark", "-n", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
    "-Y", "ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0", "-T", "fields",
    "-e", "frame.number", "-r",
)  # fmt: skip


def generate(path: Path, count: int) -> int:
    """Write a pcap; returns how many of its packets have a wrong checksum."""
    chosen = random.Random(1)
    packets = [_packet(chosen.randbytes(_SIZES[at % len(_SIZES)]), at, 17 if at % 2 else 6) for at in range(1000)]
    wrong = packets[7][:-1] + bytes([packets[7][-1] ^ 1])
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        for number in range(count):
            data = wrong if number % _WRONG_EVERY == 7 else packets[number % 1000]
            file.write(struct.pack("<4I", number // 1000, number % 1000 * 1000, len(data), len(data)) + data)
    return len(range(7, count, _WRONG_EVERY))


def _packet(payload: bytes, number: int, protocol: int) -> bytes:
    length = len(payload) + (8 if protocol == 17 else 20)
    if protocol == 17:
        before, behind = struct.pack("!3H", 1024 + number, 53, length), payload
    else:
        before, behind = struct.pack("!HHIIBBH", 1024 + number, 80, 1, 1, 0x50, 0x10, 512), bytes(2) + payload
    value = internet_checksum(pseudo_header4(_CLIENT, _SERVER, protocol, length) + before + behind) or 0xFFFF
    ip = struct.pack("!2B3H2B", 0x45, 0, 20 + length, number, 0x4000, 64, protocol)
    ip += struct.pack("!H", internet_checksum(ip + _CLIENT + _SERVER)) + _CLIENT + _SERVER
    return bytes.fromhex("02000a4d000102000a4d00020800") + ip + before + struct.pack("!H", value) + behind


def _measure(name: str, command: Sequence[str], path: Path, count: int, bad: int) -> dict[str, str | int | float]:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"WIRESHARK_CONFIG_DIR": "/nonexistent"}
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True, env=environment)
    wall_s, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = len(done.stdout.split()) if name == "tshark" else int(done.stdout.split()[1])
    if found != bad:
        sys.exit(f"{name} found {found} wrong checksums of {bad}")
    return {
        "tool": name,
        "packets": count,
        "processor s": cpu_s,
        "wall s": wall_s,
        "packets/s": count / cpu_s,
        "ours is": 0.0,
    }


def _commands() -> Iterator[tuple[str, tuple[str, ...], Callable[[int], int]]]:
    yield "ours", (sys.executable, "-c", _OURS), lambda count: count
    yield "ours, each packet", (sys.executable, "-c", _OURS_EACH), lambda count: count // 5
    if shutil.which("tshark"):
        yield "tshark", _TSHARK, lambda count: count // 5
    yield "Scapy", (sys.executable, "-c", _SCAPY), lambda count: count // 20


def main(arguments: Sequence[str]) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks verify", description=__doc__.split("\n\n")[0])
    parser.add_argument("--packets", type=int, default=1_000_000, help="in the file (1,000,000)")
    parser.add_argument("--json", metavar="FILE", help="write the rows there")
    options = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        for name, command, share in _commands():
            count = max(1000, share(options.packets))
            path = Path(directory, f"{count}.pcap")
            bad = generate(path, count)
            rows.append(_measure(name, command, path, count, bad))
    for row in rows:
        row["ours is"] = round(float(rows[0]["packets/s"]) / float(row["packets/s"]), 1)
    table.show("checksums verified, by processor time, start of the program included", rows)
    if options.json:
        table.save(options.json, rows=rows)
