"""Exercise 0.1: send the single byte A to UDP port 20000 of this host and show the answer."""

import socket

SERVER = ("localhost", 20000)
REQUEST = b"A"
PATIENCE_S = 2.0


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(PATIENCE_S)
        client.connect(SERVER)
        client.sendall(REQUEST)
        print(f"{SERVER[0]}:{SERVER[1]} answers {client.recv(2048)!r}")


if __name__ == "__main__":
    main()
