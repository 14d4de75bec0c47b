"""Exercise 0.1: send the single byte A to UDP port 20000 of this host and show the answer."""

import socket

SERVER = ("localhost", 20000)
REQUEST = b"A"


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(REQUEST, SERVER)
        while True:
            answer, server = client.recvfrom(2048)
            print(f"{server[0]}:{server[1]} answers {answer!r}")


if __name__ == "__main__":
    main()
