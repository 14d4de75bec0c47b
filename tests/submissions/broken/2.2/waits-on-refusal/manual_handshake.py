"""Exercise 2.2 without Scapy: two TCP segments, packed by hand, through a raw socket."""

import os
import select
import socket
import struct
import time

SYN, RST, ACK = 0x02, 0x04, 0x10
WINDOW = 64240


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Segment:
    def __init__(self, packet):
        tcp = packet[(packet[0] & 15) * 4:]
        self.source, self.destination, self.seq, self.ack, _, self.flags = struct.unpack("!HHIIBB", tcp[:14])


class Handshake:
    def __init__(self, host, port):
        self.peer = socket.gethostbyname(host)
        self.port = port
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
        self.raw.connect((self.peer, 0))
        self.me = self.raw.getsockname()[0]
        self.my_port = 32768 + os.getpid() % 28000
        self.isn = int.from_bytes(os.urandom(4), "big")

    def send(self, flags, seq, ack=0):
        header = struct.pack("!HHIIBBHHH", self.my_port, self.port, seq, ack, 5 << 4, flags, WINDOW, 0, 0)
        pseudo = socket.inet_aton(self.me) + socket.inet_aton(self.peer) + struct.pack("!BBH", 0, 6, len(header))
        self.raw.send(header[:16] + struct.pack("!H", checksum(pseudo + header)) + header[18:])

    def answer(self, seconds=3.0):
        if not select.select([self.raw], [], [], seconds)[0]:
            return None
        while True:
            segment = Segment(self.raw.recv(65535))
            ours = (segment.source, segment.destination) == (self.port, self.my_port)
            if ours and segment.flags & (SYN | ACK) == SYN | ACK:
                return segment

    def run(self):
        next_seq = (self.isn + 1) % 2**32
        self.send(SYN, self.isn)
        answer = self.answer()
        if answer is None:
            return "timed out"
        if answer.flags & RST:
            return "refused"
        if answer.flags & (SYN | ACK) != SYN | ACK or answer.ack != next_seq:
            return "strange answer"
        self.send(ACK, next_seq, (answer.seq + 1) % 2**32)
        return "ESTABLISHED"


try:
    print(Handshake("scanme.nmap.org", 80).run())
except PermissionError as error:
    print(error)
