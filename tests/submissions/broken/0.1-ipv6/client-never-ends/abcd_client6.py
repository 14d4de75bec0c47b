"""Exercise 0.1 over IPv6, broken: keeps waiting for further answers."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.sendto(b"A", ("::1", 20000))
while True:
    print(client.recvfrom(2048))
