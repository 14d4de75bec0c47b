from scapy.all import *
r = sr1(IP(dst="8.8.8.8")/ICMP(id=77, seq=1)/"abc", timeout=2, verbose=0)
print("Reply received from 8.8.8.8!")
if r:
    r.show()
