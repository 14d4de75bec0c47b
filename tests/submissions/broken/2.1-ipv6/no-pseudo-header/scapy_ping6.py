"""Exercise 2.1 over IPv6, broken: an echo request through a raw socket."""

import os
import select
import socket
import struct
import time

TARGET = "fd00:77::1"
IDENTIFIER = os.getpid() & 0xFFFF or 1
REPLY = 129

try:
    sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
except PermissionError:
    raise SystemExit("permission denied: raw sockets need CAP_NET_RAW")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def message(source):
    body = struct.pack("!BBHHH", 128, 0, 0, IDENTIFIER, 1) + b"abcdefgh"
    addresses = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, TARGET)
    pseudo = addresses + struct.pack("!II", len(body), 58)
    total = checksum(body)
    body = body[:2] + struct.pack("!H", total) + body[4:]
    return struct.pack("!IHBB", 6 << 28, len(body), 58, 64) + addresses + body


whole = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
whole.sendto(message("fd00:77::2"), (TARGET, 0))


def await_answer(seconds):
    """Type and source of what comes back, neighbour discovery left out; None when nothing does."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0 and select.select([sock], [], [], left)[0]:
        message, sender = sock.recvfrom(65535)
        if message[0] == REPLY or message[0] < 128:
            return message[0], sender[0]
    return None


answer = await_answer(2.0)
if answer is None:
    print("Nothing came back within 2 s")
elif answer[0] == REPLY:
    print(f"Echo reply from {answer[1]}")
else:
    print(f"{answer[1]} answers with an error of type {answer[0]}")
