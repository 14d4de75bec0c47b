
from scapy.all import *
import threading, time, sys
class CustomProtocol(Packet):
    name="CustomProtocol"; fields_desc=[ByteField("version",1),ByteField("type",0),ShortField("length",0)]
bind_layers(UDP, CustomProtocol, dport=12345)
def sender():
    time.sleep(2)
    d=b"This is my custom data"
    send(IP(dst="127.0.0.1")/UDP(sport=5555,dport=12345)/CustomProtocol(version=2,type=1,length=len(d))/Raw(d), verbose=0)

t=threading.Thread(target=sender); t.start()
try:
    got=sniff(filter="udp port 12345", iface=["lo","eth0"], timeout=9)
except PermissionError as e: sys.exit(str(e))
for p in got:
    if CustomProtocol in p:
        c=p[CustomProtocol]; n=len(c.payload)
        print(p[IP].src, c.version, c.type, c.length, bytes(c.payload), "OK" if n==c.length else "WRONG")
t.join()
