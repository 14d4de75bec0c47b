"""Exercise 1.1 over IPv6, broken: sends an empty datagram back."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::1", 8000))
while True:
    message, client = server.recvfrom(2048)
    print(client[0], client[1], message, flush=True)
    if not message:
        server.sendto(message, client)
