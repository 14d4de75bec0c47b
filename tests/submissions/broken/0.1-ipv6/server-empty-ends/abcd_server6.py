"""Exercise 0.1 over IPv6, broken: takes an empty datagram for the end."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 20000))
while True:
    message, client = server.recvfrom(2048)
    if not message:
        break
    print(client[0], client[1], message, flush=True)
    server.sendto(b"ABCD", client)
