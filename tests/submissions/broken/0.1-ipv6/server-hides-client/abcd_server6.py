"""Exercise 0.1 over IPv6, broken: prints no address."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 20000))
while True:
    message, client = server.recvfrom(2048)
    print(message, flush=True)
    server.sendto(b"ABCD", client)
