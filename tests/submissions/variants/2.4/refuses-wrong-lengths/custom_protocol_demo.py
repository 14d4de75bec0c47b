
from scapy.all import *
import threading, time, sys
class CustomProtocol(Packet):
    name="CustomProtocol"; fields_desc=[ByteField("version",1),ByteField("type",0),ShortField("length",0)]
bind_layers(UDP, CustomProtocol, dport=12345)
def sender():
    time.sleep(2)
    d=b"This is my custom data"
    send(IP(dst="127.0.0.1")/UDP(sport=5555,dport=12345)/CustomProtocol(version=2,type=1,length=len(d))/Raw(d), verbose=0)

def z(p):
    if CustomProtocol in p:
        c=p[CustomProtocol]
        if c.length != len(c.payload):
            print(f"!! dropped packet from {p[IP].src}: header says {c.length} bytes, got {len(c.payload)} (version {c.version} type {c.type})", file=sys.stderr)
            return
        print(f"{p[IP].src}: {c.version}/{c.type}/{c.length} {bytes(c.payload)}")
def rx(): sniff(iface=["eth0","lo"], filter="udp port 12345", prn=z, timeout=10, store=0)
t=threading.Thread(target=rx); t.start(); sender(); t.join()
