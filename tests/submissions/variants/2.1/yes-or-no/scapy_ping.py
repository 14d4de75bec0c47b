from scapy.all import *
r = sr1(IP(dst="8.8.8.8")/ICMP(id=4711, seq=1)/b"abcdefgh", timeout=2, verbose=0)
ok = r is not None and ICMP in r and r[ICMP].type == 0
print("Ziel: 8.8.8.8")
print("Echo-Antwort von %s: %s" % (r.src if ok else "8.8.8.8", "ja" if ok else "nein"))
