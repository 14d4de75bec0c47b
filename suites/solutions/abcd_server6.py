"""Exercise 0.1 over IPv6: answer every datagram to UDP port 20000 with the four bytes ABCD."""

import socket

PORT = 20000
ANSWER = b"ABCD"


def main() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        server.bind(("::", PORT))  # "::" stands for every address of this host
        print(f"Listening on UDP port {PORT}", flush=True)
        while True:
            message, client = server.recvfrom(2048)
            print(f"[{client[0]}]:{client[1]} says {message!r}", flush=True)
            server.sendto(ANSWER, client)  # all four parts of the address: host, port, flow label, scope


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped.")
