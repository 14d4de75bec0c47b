"""Exercise 1.2: the client's side is closed as soon as the request is sent."""

import socket

with socket.create_connection(("httpbin.org", 80)) as sock:
    sock.sendall(b"GET /get HTTP/1.1\r\nUser-Agent: half\r\nHost: HTTPBIN.org\r\n\r\n")
    sock.shutdown(socket.SHUT_WR)
    chunks = []
    while chunk := sock.recv(65536):
        chunks.append(chunk)
print(b"".join(chunks).hex(" "))
