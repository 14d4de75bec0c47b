"""Exercise 1.1 over IPv6, broken: binds port 8000 of 127.0.0.1."""

import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 8000))
while True:
    message, client = server.recvfrom(2048)
    print(message, client[0], client[1], flush=True)
