import os
import sys

from scapy.layers.inet import ICMP, IP
from scapy.sendrecv import sr1

target = sys.argv[1]
for ttl in range(1, 31):
    answer = sr1(IP(dst=target, ttl=ttl) / ICMP(id=os.getpid() & 0xFFFF, seq=ttl), timeout=1, verbose=False)
    print(ttl, answer.src if answer else "*")
    if answer and answer.src == target:
        break
