"""Exercise 1.1 over IPv6, broken: binds port 8000 before it sends."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
client.bind(("::", 8000))
client.sendto(b"Hello, World!", ("::1", 8000))
