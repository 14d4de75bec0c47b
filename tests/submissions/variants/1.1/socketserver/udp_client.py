"""Exercise 1.1 over a connected socket that sends a bytearray."""

import socket

client = socket.socket(type=socket.SOCK_DGRAM)
client.connect(("localhost", 8000))
client.send(bytearray(b"Hello, World!"))
