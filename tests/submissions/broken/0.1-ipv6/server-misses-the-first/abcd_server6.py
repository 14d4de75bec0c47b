"""Exercise 0.1 over IPv6, broken: takes the first datagram for a greeting."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 20000))
server.recvfrom(2048)
while True:
    message, client = server.recvfrom(2048)
    print(client[0], client[1], message, flush=True)
    server.sendto(b"ABCD", client)
