import time
from collections import Counter

from scapy.all import DNS, ICMP, IP, TCP, UDP, AsyncSniffer
from scapy.layers.http import HTTPRequest, HTTPResponse

NAMES = ["http", "dns", "icmp", "tcp", "udp", "other"]
seen = Counter()


def kind(p):
    if p.haslayer(HTTPRequest) or p.haslayer(HTTPResponse):
        return "http"
    for name, layer in (("dns", DNS), ("icmp", ICMP), ("tcp", TCP), ("udp", UDP)):
        if p.haslayer(layer):
            return name
    return "other"


def row():
    return "".join(f"{seen[name]:>8}" for name in NAMES)


sniffer = AsyncSniffer(lfilter=lambda p: p.haslayer(IP), prn=lambda p: seen.update([kind(p)]), store=False)
sniffer.start()
print("".join(f"{name:>8}" for name in NAMES))
try:
    for _ in range(240):
        time.sleep(0.25)
        if sniffer.exception:
            raise SystemExit(str(sniffer.exception))
        print("\r" + row(), end="", flush=True)
    sniffer.stop()
except KeyboardInterrupt:
    pass
print("\n\nsummary")
print("".join(f"{name:>8}" for name in NAMES))
print(row())
