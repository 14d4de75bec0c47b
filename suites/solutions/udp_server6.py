"""Exercise 1.1 over IPv6: print every datagram that reaches UDP port 8000 of the loopback address ::1."""

import socket

ADDRESS = ("::1", 8000)
BUFFER_SIZE = 1024


def main() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        server.bind(ADDRESS)
        print(f"Listening on [{ADDRESS[0]}]:{ADDRESS[1]}", flush=True)
        while True:
            message, (host, port, _flow, _scope) = server.recvfrom(BUFFER_SIZE)
            text = message.decode("utf-8", errors="backslashreplace")
            print(f"From [{host}]:{port}: {text}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped.")
