"""Exercise 1.1: send one datagram to UDP port 8000 of the loopback address."""

import socket
import sys

SERVER = ("127.0.0.1", 8000)
MESSAGE = b"Hello, World!"


def main() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        sent = client.sendto(MESSAGE, SERVER)
    print(f"Sent {sent} bytes to {SERVER[0]}:{SERVER[1]}")
    return sent


if __name__ == "__main__":
    sys.exit(main())
