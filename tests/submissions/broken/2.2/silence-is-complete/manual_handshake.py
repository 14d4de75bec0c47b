from scapy.all import *
import random, sys
conf.verb = 0
def main():
    dst = socket.gethostbyname("scanme.nmap.org")
    sport = random.randint(32768, 60999)
    isn = random.getrandbits(32)
    ip = IP(dst=dst)
    try:
        sa = sr1(ip/TCP(sport=sport, dport=80, flags="S", seq=isn, options=[("MSS",1460)]), timeout=3, retry=1)
    except PermissionError as e:
        sys.exit(f"need root: {e}")
    if sa is None:
        print("Handshake complete!"); return
    if not sa.haslayer(TCP) or sa[TCP].flags != "SA" or sa[TCP].ack != (isn+1) & 0xffffffff:
        print("handshake failed:", sa.summary()); sys.exit(2)
    send(ip/TCP(sport=sport, dport=80, flags="A", seq=sa.ack, ack=(sa.seq+1) & 0xffffffff))
    print("handshake complete", sa.summary())
main()
