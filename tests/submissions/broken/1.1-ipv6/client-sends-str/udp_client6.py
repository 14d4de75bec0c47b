"""Exercise 1.1 over IPv6, broken: passes a str to sendto, and says what came of it."""

import socket

client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
try:
    client.sendto("Hello, World!", ("::1", 8000))
except TypeError as error:
    print(error)
