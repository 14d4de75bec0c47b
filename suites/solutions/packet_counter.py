"""Exercise 2.3: watch the IP traffic for a minute and count it by protocol."""

import re
import sys
import time

from scapy.layers.dns import DNS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.sendrecv import sniff

WATCH_S = 60
HTTP_PORTS = {80, 8080}
DNS_PORT = 53
HTTP_START = re.compile(rb"[A-Z]+ \S+ HTTP/1\.[01]\r\n|HTTP/1\.[01] \d{3}")  # a request line, a status line

counts = {"HTTP": 0, "DNS": 0, "ICMP": 0, "TCP": 0, "UDP": 0, "Other IP": 0}


def classify(packet):
    """The first class that fits. A port alone makes no HTTP: the message must start here."""
    if TCP in packet:
        ports = {packet[TCP].sport, packet[TCP].dport}
        if ports & HTTP_PORTS and HTTP_START.match(bytes(packet[TCP].payload)):
            return "HTTP"
        return "DNS" if DNS_PORT in ports and DNS in packet else "TCP"
    if UDP in packet:
        ports = {packet[UDP].sport, packet[UDP].dport}
        return "DNS" if DNS_PORT in ports and DNS in packet else "UDP"
    return "ICMP" if ICMP in packet else "Other IP"


def count(packet):
    counts[classify(packet)] += 1
    print("\r" + "  ".join(f"{name}: {number}" for name, number in counts.items()), end="", flush=True)


def main():
    started = time.monotonic()
    try:
        sniff(lfilter=lambda packet: IP in packet, prn=count, store=False, timeout=WATCH_S)
    except PermissionError:
        print("Sniffing needs privileges: run this as root or with CAP_NET_RAW.", file=sys.stderr)
        return 1
    print(f"\n\nAfter {time.monotonic() - started:.0f} s:")
    for name, number in counts.items():
        print(f"{name:<9}{number:>6}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
