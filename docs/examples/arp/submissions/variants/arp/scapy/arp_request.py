import sys

from scapy.layers.l2 import ARP, Ether
from scapy.sendrecv import srp1

address = sys.argv[1]
request = Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(pdst=address)
answer = srp1(request, iface="eth0", timeout=1.5, verbose=False)
if answer is None:
    sys.exit(f"no answer from {address}")
print(answer[ARP].hwsrc)
