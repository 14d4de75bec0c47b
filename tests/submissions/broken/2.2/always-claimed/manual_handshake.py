"""Exercise 2.2: the TCP three-way handshake by hand."""

import socket
import sys

from scapy.layers.inet import IP, TCP
from scapy.sendrecv import send, sr1
from scapy.volatile import RandShort

PORT = 80
ISN = 1000


def main():
    ip = IP(dst=socket.gethostbyname("scanme.nmap.org"))
    sport = 1024 + int(RandShort()) % 60000
    syn = TCP(sport=sport, dport=PORT, flags="S", seq=ISN)
    try:
        synack = sr1(ip / syn, timeout=3, verbose=0)
    except PermissionError:
        print("Raw packets need root privileges")
        sys.exit(1)
    print("Answer:", synack.summary() if synack else None)
    if synack and TCP in synack and synack[TCP].flags == "SA":
        ack = TCP(sport=sport, dport=PORT, flags="A", seq=ISN + 1, ack=synack[TCP].seq + 1)
        send(ip / ack, verbose=0)
    print("Manual handshake completed successfully")


if __name__ == "__main__":
    main()
