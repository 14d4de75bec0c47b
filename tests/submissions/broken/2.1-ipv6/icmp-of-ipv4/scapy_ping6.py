"""Exercise 2.1 over IPv6, broken: pings over IPv4."""

from scapy.layers.inet import ICMP, IP
from scapy.sendrecv import sr1

try:
    reply = sr1(IP(dst="10.77.0.1") / ICMP(id=7), timeout=2, verbose=False)
except PermissionError:
    raise SystemExit("permission denied")
print(f"Echo reply from {reply.src}" if reply else "Nothing came back")
