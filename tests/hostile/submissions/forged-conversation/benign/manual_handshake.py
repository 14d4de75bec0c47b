"""Exercise 2.2: open a TCP connection with a SYN and an ACK made by hand.

The kernel knows nothing of this connection and answers the SYN-ACK with a reset, unless a firewall
rule keeps that reset back:  iptables -A OUTPUT -p tcp --tcp-flags RST RST -j DROP
"""

import random
import socket
import sys

from scapy.layers.inet import IP, TCP
from scapy.sendrecv import send, sr1

HOST = "scanme.nmap.org"
PORT = 80
INITIAL_SEQUENCE_NUMBER = 1000
PATIENCE_S = 3.0


def handshake() -> int:
    address = socket.gethostbyname(HOST)
    source_port = random.randint(49152, 65535)  # one number, drawn once: both segments carry it
    ip = IP(dst=address)

    syn = TCP(sport=source_port, dport=PORT, flags="S", seq=INITIAL_SEQUENCE_NUMBER)
    answer = sr1(ip / syn, timeout=PATIENCE_S, verbose=False)
    if answer is None:
        print(f"{HOST} port {PORT} does not answer: no connection")
        return 1
    if TCP not in answer or answer[TCP].flags != "SA":
        print(f"{HOST} port {PORT} refuses: {answer.summary()}")
        return 1

    ack = TCP(sport=source_port, dport=PORT, flags="A", seq=answer[TCP].ack, ack=answer[TCP].seq + 1)
    send(ip / ack, verbose=False)
    print(f"Connected from port {source_port}: SYN {syn.seq}, SYN-ACK {answer[TCP].seq}, ACK {ack.ack}")
    return 0


def main() -> int:
    try:
        return handshake()
    except PermissionError:
        print("Sending raw packets needs privileges: run this as root or with CAP_NET_RAW.", file=sys.stderr)
    except OSError as error:
        print(f"{HOST}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
