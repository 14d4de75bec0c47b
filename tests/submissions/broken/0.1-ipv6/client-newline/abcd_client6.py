"""Exercise 0.1 over IPv6, broken: sends a line end with the A."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.sendto(b"A\n", ("::1", 20000))
