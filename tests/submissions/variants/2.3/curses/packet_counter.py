import curses

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

def main(scr):
    s = AsyncSniffer(prn=cl, store=False, filter="ip"); s.start()
    try:
        for i in range(240):
            for r,(k,v) in enumerate(c.items()): scr.addstr(r+2, 2, f"{k:<10}{v:>5}")
            scr.refresh(); time.sleep(.25)
    except KeyboardInterrupt: pass
    s.stop()
curses.wrapper(main)
print(c)
