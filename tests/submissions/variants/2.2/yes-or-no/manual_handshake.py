from scapy.all import *
conf.verb = 0
dst, sp = socket.gethostbyname("scanme.nmap.org"), random.randint(40000, 60000)
r = sr1(IP(dst=dst)/TCP(sport=sp, dport=80, flags="S", seq=1000), timeout=3)
ok = bool(r and TCP in r and r[TCP].flags == "SA" and r[TCP].ack == 1001)
if ok:
    send(IP(dst=dst)/TCP(sport=sp, dport=80, flags="A", seq=1001, ack=r[TCP].seq+1))
print("Ziel:", dst)
print("Verbunden:", "ja" if ok else "nein")
