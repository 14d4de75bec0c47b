"""Exercise 0.1 over IPv6, broken: passes a str to sendto."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.sendto("A", ("::1", 20000))
