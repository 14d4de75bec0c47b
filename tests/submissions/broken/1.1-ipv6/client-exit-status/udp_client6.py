"""Exercise 1.1 over IPv6, broken: ends with exit status 3."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.sendto(b"Hello, World!", ("::1", 8000))
raise SystemExit(3)
