"""Who is on the way: UDP probes with a rising time to live, and what ICMP says of them."""

import socket
import struct
import sys
import time

MOST_HOPS = 30
PATIENCE_S = 1.0
FIRST_PORT = 33434
UNREACHABLE, TIME_EXCEEDED = 3, 11


def about(packet: bytes, target: str, port: int) -> bool:
    """Whether an ICMP error quotes the datagram that was sent to this address and port."""
    quoted = packet[(packet[0] & 0xF) * 4 + 8 :]
    behind = quoted[(quoted[0] & 0xF) * 4 :]
    return quoted[16:20] == socket.inet_aton(target) and struct.unpack_from("!HH", behind)[1] == port


def listen(icmp: socket.socket, target: str, port: int) -> str | None:
    """The address that tells what became of a probe, or None when time is up."""
    deadline = time.monotonic() + PATIENCE_S
    while (left_s := deadline - time.monotonic()) > 0:
        icmp.settimeout(left_s)
        try:
            packet, (sender, _) = icmp.recvfrom(2048)
        except TimeoutError:
            break
        kind = packet[(packet[0] & 0xF) * 4]
        if kind in (UNREACHABLE, TIME_EXCEEDED):
            return sender
    return None


def main() -> None:
    target = sys.argv[1]
    print(f"on the way to {target}:")
    with (
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as icmp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        for hop in range(1, MOST_HOPS + 1):
            port = FIRST_PORT + hop
            udp.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hop)
            udp.sendto(b"who is there?", (target, port))
            sender = listen(icmp, target, port)
            print(f"{hop:2}  {sender or '*'}")
            if sender == target:
                break


if __name__ == "__main__":
    main()
