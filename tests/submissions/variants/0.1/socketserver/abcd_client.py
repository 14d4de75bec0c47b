"""Exercise 0.1 over a connected socket."""

import socket

with socket.socket(type=socket.SOCK_DGRAM) as client:
    client.connect(("127.0.0.1", 20000))
    client.send(b"A")
    print(client.recv(4).decode())
