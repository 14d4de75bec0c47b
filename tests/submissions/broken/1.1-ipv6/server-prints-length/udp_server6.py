"""Exercise 1.1 over IPv6, broken: prints how long a message is, and not the message."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::1", 8000))
while True:
    message, client = server.recvfrom(2048)
    print(len(message), client[0], client[1], flush=True)
