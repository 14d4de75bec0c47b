"""Exercise 1.4, one step further: the IP header in front of the UDP header is made by hand as well."""
import errno
import os
from socket import AF_INET, IP_HDRINCL, IPPROTO_IP, IPPROTO_RAW, IPPROTO_UDP, SOCK_RAW, inet_aton, socket
from struct import pack, unpack

ADDRESS = inet_aton("127.0.0.1")
PAYLOAD = b"Manually Crafted Packet"


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return ~total & 0xFFFF


def udp():
    length = 8 + len(PAYLOAD)
    pseudo = ADDRESS + ADDRESS + pack("!BBH", 0, IPPROTO_UDP, length)
    without = pack("!HHHH", 12345, 8000, length, 0) + PAYLOAD
    return without[:6] + pack("!H", checksum(pseudo + without)) + without[8:]


def ip(data):
    version_and_words, dont_fragment = 0x45, 0x4000
    without = pack("!BBHHHBBH4s4s", version_and_words, 0, 20 + len(data), os.getpid() & 0xFFFF, dont_fragment,
                   64, IPPROTO_UDP, 0, ADDRESS, ADDRESS)
    return without[:10] + pack("!H", checksum(without)) + without[12:] + data


try:
    with socket(AF_INET, SOCK_RAW, IPPROTO_RAW) as s:
        s.setsockopt(IPPROTO_IP, IP_HDRINCL, 1)
        print("sent", s.sendto(ip(udp()), ("127.0.0.1", 0)), "bytes")
except OSError as e:
    if e.errno not in (errno.EPERM, errno.EACCES):
        raise
    raise SystemExit(f"raw sockets are not for everybody: {os.strerror(e.errno)}")
