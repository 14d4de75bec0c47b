"""Exercise 2.4: a protocol of one's own."""

import threading
import time

from scapy.config import conf
from scapy.fields import ByteField, ShortField
from scapy.layers.inet import IP, UDP
from scapy.packet import Packet, Raw, bind_layers
from scapy.sendrecv import send, sniff
from scapy.supersocket import L3RawSocket


class CustomProtocol(Packet):
    name = "CustomProtocol"
    fields_desc = [
        ByteField("version", 1),
        ByteField("type", 0),
        ShortField("length", 0),
    ]


bind_layers(UDP, CustomProtocol, dport=12345)


def handle(packet):
    data = bytes(packet[UDP].payload)[: packet[UDP].len - 8]
    if len(data) < 4:
        print("Datagram too short for the custom header")
        return
    custom = CustomProtocol(data)
    payload = bytes(custom.payload)
    print("Custom packet received:")
    print(f"  Source:  {packet[IP].src}")
    print(f"  Version: {custom.type}")
    print(f"  Type:    {custom.version}")
    print(f"  Length:  {custom.length}")
    print(f"  Payload: {payload.decode(errors='replace')}")
    if custom.length == len(payload):
        print("  Length is correct")
    else:
        print(f"  Length mismatch: {len(payload)} bytes of payload")


def receiver():
    try:
        sniff(filter="udp port 12345", iface=["lo", conf.iface], prn=handle, store=0, timeout=12)
    except PermissionError as error:
        print(f"Cannot sniff: {error}")


def sender():
    payload = b"This is my custom data"
    custom = CustomProtocol(version=2, type=1, length=len(payload))
    conf.L3socket = L3RawSocket
    try:
        send(IP(dst="127.0.0.1") / UDP(sport=40123, dport=12345) / custom / Raw(payload), verbose=0)
    except PermissionError as error:
        print(f"Cannot send: {error}")


def main():
    thread = threading.Thread(target=receiver)
    thread.start()
    time.sleep(2)
    sender()
    thread.join()


if __name__ == "__main__":
    main()
