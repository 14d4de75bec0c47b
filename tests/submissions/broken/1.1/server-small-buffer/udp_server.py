"""Exercise 1.1: print every datagram that reaches UDP port 8000 of the loopback address."""

import socket

ADDRESS = ("127.0.0.1", 8000)
BUFFER_SIZE = 512


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(ADDRESS)
        print(f"Listening on {ADDRESS[0]}:{ADDRESS[1]}", flush=True)
        while True:
            message, sender = server.recvfrom(BUFFER_SIZE)
            text = message.decode("utf-8", errors="backslashreplace")
            print(f"From {sender[0]}:{sender[1]}: {text}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped.")
