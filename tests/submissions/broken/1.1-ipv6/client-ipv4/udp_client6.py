"""Exercise 1.1 over IPv6, broken: sends to 127.0.0.1."""

import socket

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.sendto(b"Hello, World!", ("127.0.0.1", 8000))
