"""Exercise 0.1 over IPv6: asks the resolver, for IPv6 alone, and sends over a connected socket."""

import socket

family, kind, protocol, _, address = socket.getaddrinfo("::1", 20000, socket.AF_INET6, socket.SOCK_DGRAM)[0]
with socket.socket(family, kind, protocol) as client:
    client.connect(address)
    client.settimeout(2)
    client.send(b"A")
    print(client.recv(100))
