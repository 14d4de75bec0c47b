from scapy.all import *
from scapy.layers.http import HTTPRequest, HTTPResponse
from rich.live import Live
from rich.table import Table
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
def table():
    t = Table(title="Packets"); t.add_column("Protocol"); t.add_column("Count", justify="right")
    for k, v in c.items(): t.add_row(k, str(v))
    return t
with Live(table(), refresh_per_second=4) as live:
    def on(p): cl(p); live.update(table())
    sniff(filter="ip", prn=on, store=0, timeout=60)
