"""Exercise 1.4: send one UDP datagram whose eight header bytes are made by hand."""

import socket
import struct
import sys

SOURCE = ("127.0.0.1", 12345)
DESTINATION = ("127.0.0.1", 8000)
PAYLOAD = b"Manually Crafted Packet"
HEADER = struct.Struct("!HHHH")  # source port, destination port, length, checksum; "!" is network byte order


def internet_checksum(data: bytes) -> int:
    """RFC 1071: the complement of the ones' complement sum of all 16-bit words."""
    if len(data) % 2:
        data += b"\0"
    total = sum(word for (word,) in struct.iter_unpack("!H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def udp_datagram() -> bytes:
    """Header and data. The checksum also covers a pseudo header of addresses, protocol and length (RFC 768)."""
    length = HEADER.size + len(PAYLOAD)
    unsummed = HEADER.pack(SOURCE[1], DESTINATION[1], length, 0) + PAYLOAD
    addresses = socket.inet_aton(SOURCE[0]) + socket.inet_aton(DESTINATION[0])
    pseudo_header = addresses + struct.pack("!BBH", 0, socket.IPPROTO_UDP, length)
    checksum = internet_checksum(pseudo_header + unsummed) or 0xFFFF  # zero would mean "no checksum"
    return HEADER.pack(SOURCE[1], DESTINATION[1], length, checksum) + PAYLOAD


def main() -> int:
    datagram = udp_datagram()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as sender:
            sender.sendto(datagram, (DESTINATION[0], 0))  # the kernel puts the IP header in front
    except PermissionError:
        print("A raw socket needs privileges: run this as root or with CAP_NET_RAW.", file=sys.stderr)
        return 1
    print(f"Sent {len(datagram)} bytes, header {datagram[:HEADER.size].hex(' ')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
