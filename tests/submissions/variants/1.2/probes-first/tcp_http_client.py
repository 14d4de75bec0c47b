"""Exercise 1.2: a first connection finds out whether somebody listens, a second one asks."""

import socket
import sys

with socket.socket() as probe:
    if probe.connect_ex(("httpbin.org", 80)) != 0:
        print("httpbin.org does not listen at port 80")
        sys.exit(0)

with socket.create_connection(("httpbin.org", 80)) as sock:
    sock.sendall(b"GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n")
    response = sock.makefile("rb").read()
print(response)
