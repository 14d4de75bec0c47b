"""Exercise 1.1 over IPv6, broken: shows the first sender's port beside everybody's messages."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::1", 8000))
first = None
while True:
    message, client = server.recvfrom(2048)
    first = first or client
    print(first[0], first[1], message, flush=True)
