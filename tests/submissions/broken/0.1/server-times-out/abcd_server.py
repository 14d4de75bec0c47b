"""Exercise 0.1: answer every datagram to UDP port 20000 with the four bytes ABCD."""

import socket

PORT = 20000
ANSWER = b"ABCD"


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("", PORT))  # "" stands for every address of this host
        server.settimeout(3)
        print(f"Listening on UDP port {PORT}", flush=True)
        try:
            while True:
                message, client = server.recvfrom(2048)
                print(f"{client[0]}:{client[1]} says {message!r}", flush=True)
                server.sendto(ANSWER, client)
        except TimeoutError:
            print("Nobody asks any more.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped.")
