import sys

from scapy.layers.inet import IP, TCP
from scapy.sendrecv import sr

host, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
syns = IP(dst=host) / TCP(sport=40444, dport=(first, last), flags="S", seq=1000)
answered, _ = sr(syns, timeout=1.5, verbose=False)
for _, answer in answered:
    if answer[TCP].flags == "SA":
        print(f"{answer[TCP].sport}/tcp open")
