
from scapy.all import *
from scapy.layers.http import HTTPRequest, HTTPResponse
import threading, time, sys, os
c = {"HTTP":0,"DNS":0,"ICMP":0,"TCP":0,"UDP":0,"Other IP":0}
def cl(p):
    if not p.haslayer(IP): return
    if p.haslayer(HTTPRequest) or p.haslayer(HTTPResponse): k="HTTP"
    elif p.haslayer(DNS): k="DNS"
    elif p.haslayer(ICMP): k="ICMP"
    elif p.haslayer(TCP): k="TCP"
    elif p.haslayer(UDP): k="UDP"
    else: k="Other IP"
    c[k]+=1

def live():
    while True:
        time.sleep(1)
        print("\r" + " ".join(f"{k}={v}" for k,v in c.items()), end="", flush=True)
threading.Thread(target=live, daemon=True).start()
sniff(filter="ip", prn=cl, store=0, timeout=60)
print("\nFinal"); print(c)
