"""Exercise 1.1: one buffer for every message, and a slice of it for each."""

import socket

BUFFER = bytearray(1024)

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 8000))
while True:
    size, (host, port) = server.recvfrom_into(BUFFER)
    print("Received message:", bytes(BUFFER[:size]), "from", (host, port))
