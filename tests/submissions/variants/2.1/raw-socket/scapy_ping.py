"""Exercise 2.1 without Scapy: an ICMP echo request through a raw socket."""

import os
import select
import socket
import struct
import time

TARGET = "8.8.8.8"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(identifier, sequence):
    data = bytes(range(48))
    header = struct.pack("!BBHHH", 8, 0, 0, identifier, sequence)
    return struct.pack("!BBHHH", 8, 0, checksum(header + data), identifier, sequence) + data


def await_reply(sock, identifier, sequence, seconds):
    """The address of whoever sends the reply to this very request, or None."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([sock], [], [], left)[0]:
            return None
        packet, sender = sock.recvfrom(65535)
        icmp = packet[(packet[0] & 15) * 4:]
        if icmp[0] == 0 and struct.unpack("!HH", icmp[4:8]) == (identifier, sequence):
            return sender[0]
        if icmp[0] == 3:
            print(f"{sender[0]}: destination unreachable, code {icmp[1]}")
            return None
    return None


def main():
    try:
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    except PermissionError:
        raise SystemExit("permission denied: raw sockets need CAP_NET_RAW")
    identifier = os.getpid() & 0xFFFF
    start = time.perf_counter()
    sock.sendto(echo_request(identifier, 1), (TARGET, 0))
    sender = await_reply(sock, identifier, 1, 2.0)
    if sender:
        print(f"{sender} is alive ({(time.perf_counter() - start) * 1000:.2f} ms)")
    else:
        print(f"{TARGET} is not reachable")


if __name__ == "__main__":
    main()
