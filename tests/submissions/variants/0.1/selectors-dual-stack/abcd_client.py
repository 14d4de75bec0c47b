"""Exercise 0.1: a client with a fixed source port that ignores the answer."""

import socket

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind(("127.0.0.1", 20007))
client.sendto("A".encode(), ("127.0.0.1", 20000))
