"""Exercise 0.1 over IPv6, broken: binds port 20000 before it sends."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
client.bind(("::", 20000))
client.sendto(b"A", ("::1", 20000))
