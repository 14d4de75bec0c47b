"""Exercise 0.1 over IPv6, broken: its socket takes IPv4 alone."""

import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", 20000))
while True:
    message, client = server.recvfrom(2048)
    print(client[0], client[1], message, flush=True)
    server.sendto(b"ABCD", client)
