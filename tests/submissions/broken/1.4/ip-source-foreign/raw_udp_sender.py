"""Exercise 1.4: send one UDP datagram whose header is made by hand."""

import socket
import struct
import sys

SOURCE_PORT = 12345
DESTINATION_PORT = 8000
PAYLOAD = b"Manually Crafted Packet"


def checksum(data):
    if len(data) % 2:
        data += b"\x00"
    total = 0
    for i in range(0, len(data), 2):
        total += (data[i] << 8) + data[i + 1]
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def main():
    length = 8 + len(PAYLOAD)
    pseudo = socket.inet_aton("192.168.1.2") + socket.inet_aton("127.0.0.1") + struct.pack("!BBH", 0, 17, length)
    header = struct.pack("!HHHH", SOURCE_PORT, DESTINATION_PORT, length, 0)
    header = struct.pack("!HHHH", SOURCE_PORT, DESTINATION_PORT, length, checksum(pseudo + header + PAYLOAD))
    try:
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    except PermissionError as error:
        print(f"Cannot open a raw socket: {error}")
        sys.exit(1)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 1, 0, 64, 17, 0) + socket.inet_aton("192.168.1.2") + pseudo[4:8]
    s.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
    s.sendto(ip + header + PAYLOAD, ("127.0.0.1", 0))  # the kernel adds the IP header checksum
    s.close()
    print("Packet sent")


if __name__ == "__main__":
    main()
