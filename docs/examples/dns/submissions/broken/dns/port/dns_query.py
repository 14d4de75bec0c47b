"""Ask 8.8.8.8 for the IPv4 addresses of a name (RFC 1035)."""

import secrets
import socket
import struct
import sys

SERVER = ("8.8.8.8", 5353)
PATIENCE_S = 3.0
HEADER = struct.Struct("!HHHHHH")
RECURSION_DESIRED = 0x0100
A, IN = 1, 1


def build(identifier: int, name: str) -> bytes:
    header = HEADER.pack(identifier, RECURSION_DESIRED, 1, 0, 0, 0)
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return header + labels + b"\0" + struct.pack("!HH", A, IN)


def behind_name(message: bytes, at: int) -> int:
    """The offset behind a name, which ends in a zero or in a pointer."""
    while message[at]:
        if message[at] >= 0xC0:
            return at + 2
        at += 1 + message[at]
    return at + 1


def addresses(message: bytes) -> list[str]:
    _, _, questions, answers, _, _ = HEADER.unpack_from(message)
    at = HEADER.size
    for _ in range(questions):
        at = behind_name(message, at) + 4
    found = []
    for _ in range(answers):
        at = behind_name(message, at)
        rtype, rclass, _, length = struct.unpack_from("!HHIH", message, at)
        data = message[at + 10 : at + 10 + length]
        if (rtype, rclass, length) == (A, IN, 4):
            found.append(socket.inet_ntoa(data))
        at += 10 + length
    return found


def main() -> int:
    name = sys.argv[1]
    identifier = secrets.randbelow(1 << 16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE_S)
        sock.connect(SERVER)
        sock.send(build(identifier, name))
        while True:
            try:
                message = sock.recv(512)
            except (TimeoutError, ConnectionRefusedError):
                print(f"{SERVER[0]} does not answer")
                return 1
            received, flags = struct.unpack_from("!HH", message)
            if received == identifier:
                break
    if flags & 0xF:
        print("No such name" if flags & 0xF == 3 else f"The server failed: RCODE {flags & 0xF}")
        return 1
    print("\n".join(addresses(message)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
