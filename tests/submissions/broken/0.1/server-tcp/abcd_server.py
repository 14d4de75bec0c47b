"""Exercise 0.1: answer every datagram to UDP port 20000 with the four bytes ABCD."""

import socket

PORT = 20000
ANSWER = b"ABCD"


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("", PORT))
        server.listen()
        print(f"Listening on port {PORT}", flush=True)
        while True:
            connection, client = server.accept()
            message = connection.recv(2048)
            print(f"{client[0]}:{client[1]} says {message!r}", flush=True)
            connection.sendall(ANSWER)
            connection.close()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped.")
