"""Exercise 1.1 over IPv6, broken: sends to port 8001."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.sendto(b"Hello, World!", ("::1", 8001))
