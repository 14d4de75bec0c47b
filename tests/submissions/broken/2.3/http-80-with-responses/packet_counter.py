"""Exercise 2.3: count what goes by."""

import sys

from scapy.layers.dns import DNS
from scapy.layers.http import HTTPRequest, HTTPResponse
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.sendrecv import sniff

counts = {"HTTP": 0, "DNS": 0, "ICMP": 0, "TCP": 0, "UDP": 0, "Other IP": 0}


def line():
    return " | ".join(f"{name}: {number}" for name, number in counts.items())


def handle(packet):
    if IP not in packet:
        return
    if (packet.haslayer(HTTPRequest) or packet.haslayer(HTTPResponse)) and 80 in (packet[TCP].sport, packet[TCP].dport):
        counts["HTTP"] += 1
    elif packet.haslayer(DNS):
        counts["DNS"] += 1
    elif packet.haslayer(ICMP):
        counts["ICMP"] += 1
    elif packet.haslayer(TCP):
        counts["TCP"] += 1
    elif packet.haslayer(UDP):
        counts["UDP"] += 1
    else:
        counts["Other IP"] += 1
    print("\r" + line(), end="", flush=True)


def main():
    try:
        sniff(prn=handle, store=0, timeout=60)
    except PermissionError as error:
        print(f"Cannot sniff: {error}")
        sys.exit(1)
    print("\nFinal counts:")
    for name, number in counts.items():
        print(f"  {name}: {number}")


if __name__ == "__main__":
    main()
