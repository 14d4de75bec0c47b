"""Exercise 1.1: send one datagram to UDP port 8000 of the loopback address."""

import socket

SERVER = ("127.0.0.1", 8000)
MESSAGE = b"Hello, World!"


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(MESSAGE, SERVER)
        client.sendto(b"", SERVER)
    print(f"Sent {len(MESSAGE)} bytes to {SERVER[0]}:{SERVER[1]}")


if __name__ == "__main__":
    main()
