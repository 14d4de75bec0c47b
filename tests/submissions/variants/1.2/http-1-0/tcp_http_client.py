"""Exercise 1.2 over HTTP/1.0."""

import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
try:
    sock.connect(("httpbin.org", 80))
    sock.sendall(b"GET /get HTTP/1.0\r\nhost: httpbin.org:80\r\nUser-Agent: by-hand\r\n\r\n")
    parts = []
    while True:
        part = sock.recv(1024)
        if len(part) == 0:
            break
        parts.append(part)
    print(repr(b"".join(parts)))
except ConnectionRefusedError as error:
    print("refused:", error)
finally:
    sock.close()
