"""Exercise 2.2, and a little more: handshake, a request, an orderly end."""

import random
import sys

from scapy.layers.inet import IP, TCP
from scapy.packet import Raw
from scapy.sendrecv import send, sr1


class Connection:
    def __init__(self, name, port):
        self.ip = IP(dst=name)  # Scapy resolves the name
        self.ports = dict(sport=random.randrange(30000, 60000), dport=port)
        self.seq = 1000
        self.ack = 0

    def segment(self, flags, data=b""):
        packet = self.ip / TCP(**self.ports, flags=flags, seq=self.seq, ack=self.ack)
        return packet / Raw(data) if data else packet

    def open(self):
        answer = sr1(self.segment("S"), timeout=2, retry=1, verbose=False)
        if answer is None:
            raise ConnectionError("timeout")
        if TCP not in answer or int(answer[TCP].flags) & 0x12 != 0x12:
            raise ConnectionError("connection refused")
        self.seq += 1
        self.ack = answer[TCP].seq + 1
        send(self.segment("A"), verbose=False)

    def close(self):
        request = b"HEAD / HTTP/1.0\r\nHost: scanme.nmap.org\r\n\r\n"
        send(self.segment("PA", request), verbose=False)
        self.seq += len(request)
        send(self.segment("FA"), verbose=False)


connection = Connection("scanme.nmap.org", 80)
try:
    connection.open()
    print("established")
    connection.close()
except PermissionError:
    sys.exit("missing privilege: CAP_NET_RAW")
except ConnectionError as error:
    sys.exit(f"not established: {error}")
