"""Exercise 1.1 over IPv6: send one datagram to UDP port 8000 of the loopback address ::1."""

import socket

SERVER = ("::1", 8000)
MESSAGE = b"Hello, World!"


def main() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        client.sendto(MESSAGE, SERVER)
    print(f"Sent {len(MESSAGE)} bytes to [{SERVER[0]}]:{SERVER[1]}")


if __name__ == "__main__":
    main()
