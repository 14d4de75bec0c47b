"""Exercise 1.2, slowly: one byte a segment, then an early end of the sending side."""

import socket
import sys

REQUEST = "GET /get HTTP/1.1\r\nHost: httpbin.org\r\nAccept: */*\r\nConnection: close\r\n\r\n"

with socket.create_connection(("httpbin.org", 80)) as sock:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in REQUEST.encode():
        sock.send(bytes([byte]))
    sock.shutdown(socket.SHUT_WR)
    with sock.makefile("rb") as stream:
        for line in stream:
            sys.stdout.buffer.write(line)
