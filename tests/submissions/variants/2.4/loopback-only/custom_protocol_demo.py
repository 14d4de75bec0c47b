from threading import Thread
from time import sleep

from scapy.all import IP, UDP, ByteField, LenField, Packet, Raw, bind_layers, conf, send, sniff
from scapy.supersocket import L3RawSocket


class CustomProtocol(Packet):
    name = "Custom Protocol"
    fields_desc = [ByteField("version", 1), ByteField("type", 0), LenField("length", None)]


bind_layers(UDP, CustomProtocol, dport=12345)


def on_packet(p):
    if CustomProtocol not in p:
        print("no custom header in", bytes(p[UDP].payload))
        return
    c = p[CustomProtocol]
    body = bytes(c.payload)
    print("-" * 40)
    print("from   ", p[IP].src)
    print("version", hex(c.version), " type", hex(c.type), " length", hex(c.length), sep="\t")
    print("payload", body)
    print("valid" if len(body) == c.length else "INVALID LENGTH")


def receive():
    sniff(iface="lo", filter="udp port 12345", prn=on_packet, timeout=10)


def main():
    t = Thread(target=receive, daemon=True)
    t.start()
    sleep(2)
    conf.L3socket = L3RawSocket
    packet = IP(dst="127.0.0.1") / UDP(sport=1024, dport=12345) / CustomProtocol(version=2, type=1) / Raw("This is my custom data")
    packet.show2()
    send(packet)
    t.join()


main()
