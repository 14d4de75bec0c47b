"""Exercise 1.1 over IPv6, broken: sends to ::ffff:127.0.0.1 from a socket of IPv6: on the wire that is IPv4."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.sendto(b"Hello, World!", ("::ffff:127.0.0.1", 8000))
