"""Exercise 1.2: fetch http://httpbin.org/get with a request written by hand."""

import socket
import sys

HOST = "httpbin.org"
PORT = 80
PATIENCE_S = 10.0
REQUEST = f"GET /get HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode("ascii")


def fetch() -> bytes:
    """Send the request and read until the server closes."""
    with socket.create_connection((HOST, PORT), timeout=PATIENCE_S) as connection:
        connection.sendall(REQUEST)
        response = bytearray()
        while chunk := connection.recv(4096):
            response += chunk
    return bytes(response)


def main() -> int:
    try:
        response = fetch()
    except OSError as error:
        print(f"{HOST}:{PORT}: {error}", file=sys.stderr)
        return 1
    if not response:
        print(f"{HOST}:{PORT} closed the connection without a response", file=sys.stderr)
        return 1
    print(response.decode("utf-8", errors="replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
