from scapy.config import conf
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from scapy.sendrecv import send
from scapy.supersocket import L3RawSocket

conf.L3socket = L3RawSocket  # packet sockets do not deliver on the loopback interface

packet = IP(dst="127.0.0.1") / UDP(sport=12345, dport=8000) / Raw(b"Manually Crafted Packet")
packet.show2()
try:
    send(packet)
except PermissionError as error:
    print("You need to be root:", error)
