"""Exercise 0.1 over IPv6, broken: sends to fd00:77::2."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.sendto(b"A", ("fd00:77::2", 20000))
