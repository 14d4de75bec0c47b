"""Exercise 1.2, without a request."""

import socket

with socket.create_connection(("httpbin.org", 80)) as sock:
    response = b""
    while chunk := sock.recv(4096):
        response += chunk
print(response.decode("utf-8", "replace"))
