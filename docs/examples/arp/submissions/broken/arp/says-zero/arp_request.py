"""Ask who has an IPv4 address: an ARP request by hand, on eth0 (RFC 826)."""

import socket
import struct
import sys
import time

INTERFACE = "eth0"
OWN_ADDRESS = "10.77.0.2"
PATIENCE_S = 1.0
BROADCAST = b"\xff" * 6
ARP = 0x0806
REQUEST, REPLY = 1, 2
PACKET = struct.Struct("!HHBBH6s4s6s4s")


def ask(sock: socket.socket, target: bytes) -> bytes | None:
    """The hardware address of `target`, or None when nobody tells it in time."""
    mac = sock.getsockname()[4]
    own = socket.inet_aton(OWN_ADDRESS)
    request = PACKET.pack(1, 0x0800, 6, 4, REQUEST, mac, own, bytes(6), target)
    sock.send(BROADCAST + mac + struct.pack("!H", ARP) + request)
    deadline = time.monotonic() + PATIENCE_S
    while (left_s := deadline - time.monotonic()) > 0:
        sock.settimeout(left_s)
        try:
            frame = sock.recv(2048)
        except TimeoutError:
            break
        _, _, _, _, operation, sender_mac, sender, _, _ = PACKET.unpack_from(frame, 14)
        if operation == REPLY and sender == target:
            return sender_mac
    return None


def main() -> int:
    address = sys.argv[1]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP)) as sock:
        sock.bind((INTERFACE, ARP))
        mac = ask(sock, socket.inet_aton(address))
    if mac is None:
        mac = bytes(6)
    print(f"{address} is at {mac.hex(':')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
