"""Exercise 0.1 over IPv6, broken: sends the request twice."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.sendto(b"A", ("::1", 20000))
client.sendto(b"A", ("::1", 20000))
