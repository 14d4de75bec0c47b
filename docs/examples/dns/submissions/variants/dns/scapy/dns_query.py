import random
import sys

from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, UDP
from scapy.sendrecv import sr1

query = DNS(id=random.randrange(65536), rd=1, qd=DNSQR(qname=sys.argv[1]))
answer = sr1(IP(dst="8.8.8.8") / UDP(sport=random.randrange(20000, 60000)) / query, timeout=5, verbose=False)
if answer is None or DNS not in answer or answer[DNS].rcode:
    sys.exit(f"no address for {sys.argv[1]}")
for record in answer[DNS].an:
    if record.type == 1:
        print(record.rdata)
