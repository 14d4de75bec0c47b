"""Exercise 2.3: tcpdump listens, this script counts what it tells."""

import re
import subprocess
import sys

NAMES = ["HTTP", "DNS", "ICMP", "TCP", "UDP", "Other IP"]
counts = dict.fromkeys(NAMES, 0)
COMMAND = ["timeout", "--foreground", "-s", "INT", "60",
           "tcpdump", "-Z", "root", "-l", "-n", "-i", "eth0", "--immediate-mode", "-x", "ip"]


def records(lines):
    """Each packet as bytes, out of the hex dump below its line."""
    packet = bytearray()
    for line in lines:
        dump = re.match(r"\s+0x[0-9a-f]+:\s+([0-9a-f ]+)", line)
        if not dump:
            continue
        packet += bytes.fromhex(dump[1])
        if len(packet) >= int.from_bytes(packet[2:4], "big"):
            yield bytes(packet)
            packet.clear()


def is_dns(message):
    return len(message) > 12 and 0 < int.from_bytes(message[4:6], "big") < 10


def classify(packet):
    segment = packet[(packet[0] & 15) * 4:]
    ports = {int.from_bytes(segment[:2], "big"), int.from_bytes(segment[2:4], "big")}
    if packet[9] == 1:
        return "ICMP"
    if packet[9] == 6:
        data = segment[(segment[12] >> 4) * 4:]
        if ports & {80, 8080} and re.match(rb"[A-Z]{3,7} /|HTTP/1", data):
            return "HTTP"
        return "DNS" if 53 in ports and is_dns(data[2:]) else "TCP"
    if packet[9] == 17:
        return "DNS" if 53 in ports and is_dns(segment[8:]) else "UDP"
    return "Other IP"



def show(end):
    print(", ".join(f"{name} = {counts[name]}" for name in NAMES), end=end, flush=True)


def main():
    listener = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True, errors="replace")
    try:
        for record in records(listener.stdout):
            counts[classify(record)] += 1
            show("\r")
    except KeyboardInterrupt:
        pass
    if listener.wait() not in (0, -2, 124, 130) and not any(counts.values()):
        sys.exit("tcpdump could not listen: permission denied?")
    print()
    show("\n")


main()
