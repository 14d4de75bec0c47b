"""Exercise 0.1 over IPv6, broken: answers from a new socket each time."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 20000))
while True:
    message, client = server.recvfrom(2048)
    print(client[0], client[1], message, flush=True)
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"ABCD", client)
