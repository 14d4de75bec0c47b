"""Exercise 2.3 without Scapy: a packet socket, a table redrawn ten times a second."""

import select
import signal
import socket
import struct
import time
from collections import Counter

ETH_P_IP = 0x0800
CLASSES = ("HTTP", "DNS", "ICMP", "TCP", "UDP", "Other IP")
METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"TRACE ", b"CONNECT ")


def looks_like_dns(message):
    if len(message) < 12:
        return False
    _, flags, questions, answers, *_ = struct.unpack("!6H", message[:12])
    return questions <= 4 and questions + answers > 0 and (flags >> 11) & 15 < 6


def classify(packet):
    ihl = (packet[0] & 15) * 4
    packet = packet[:int.from_bytes(packet[2:4], "big")]  # the rest is padding
    segment = packet[ihl:]
    if packet[9] == socket.IPPROTO_ICMP:
        return "ICMP"
    if packet[9] == socket.IPPROTO_TCP:
        ports = set(struct.unpack("!HH", segment[:4]))
        data = segment[(segment[12] >> 4) * 4:]
        if ports & {80, 8080} and (data.startswith(METHODS) or data.startswith(b"HTTP/1.")):
            return "HTTP"
        return "DNS" if 53 in ports and looks_like_dns(data[2:]) else "TCP"
    if packet[9] == socket.IPPROTO_UDP:
        ports = struct.unpack("!HH", segment[:4])
        return "DNS" if 53 in ports and looks_like_dns(segment[8:]) else "UDP"
    return "Other IP"


def table(counts):
    return "\n".join(f"| {name:<10} | {counts[name]:>8} |" for name in CLASSES)


def main():
    try:
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        tap.bind(("eth0", 0x0003))  # every protocol: outgoing packets are only seen so
    except PermissionError as error:
        raise SystemExit(f"{error}: this needs CAP_NET_RAW")
    stop = []
    signal.signal(signal.SIGINT, lambda *_: stop.append(True))
    counts, end, drawn = Counter(), time.monotonic() + 60, 0.0
    while not stop and time.monotonic() < end:
        if select.select([tap], [], [], 0.05)[0]:
            packet, (_, protocol, *_) = tap.recvfrom(65535)
            if protocol == ETH_P_IP:
                counts[classify(packet)] += 1
        elif time.monotonic() - drawn > 0.1:
            drawn = time.monotonic()
            print("\x1b[H\x1b[2J" + table(counts), flush=True)
    print("\x1b[0m\nTotal\n" + table(counts))


main()
