from scapy.all import *
import threading
import time


class CustomProtocol(Packet):
    name = "CustomProtocol"
    fields_desc = [ByteField("version", 1), ByteField("type", 0), ShortField("length", 0)]


bind_layers(UDP, CustomProtocol, dport=12345)


def handle_custom(packet):
    if packet.haslayer(CustomProtocol):
        layer = packet[CustomProtocol]
        print(f"Received custom packet from {packet[IP].src}")
        layer.show()
        if layer.length == len(layer.payload):
            print("Length field is valid")
        else:
            print("Length field is INVALID")
    else:
        packet.show()


def receiver():
    sniff(filter="udp port 12345", prn=handle_custom, timeout=10)


if __name__ == "__main__":
    threading.Thread(target=receiver).start()
    time.sleep(2)
    data = "This is my custom data"
    packet = IP(dst="127.0.0.1")/UDP(sport=RandNum(20000, 60000), dport=12345)/CustomProtocol(version=2, type=1, length=len(data))/data
    send(packet)
