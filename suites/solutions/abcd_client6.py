"""Exercise 0.1 over IPv6: send the single byte A to UDP port 20000 of ::1 and show the answer."""

import socket

SERVER = ("::1", 20000)  # not "localhost": that may be 127.0.0.1
REQUEST = b"A"
PATIENCE_S = 2.0


def main() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE_S)
        client.sendto(REQUEST, SERVER)
        try:
            answer, server = client.recvfrom(2048)
        except TimeoutError:
            print(f"No answer within {PATIENCE_S} s")
        else:
            print(f"[{server[0]}]:{server[1]} answers {answer!r}")


if __name__ == "__main__":
    main()
