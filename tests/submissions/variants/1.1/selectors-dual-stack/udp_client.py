"""Exercise 1.1: sendmsg from two buffers, one datagram."""

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.sendmsg([b"Hello, ", b"World!"], [], 0, ("127.0.0.1", 8000))
