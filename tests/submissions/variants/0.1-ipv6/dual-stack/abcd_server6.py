"""Exercise 0.1 for IPv6 and IPv4 by one socket: a client of IPv4 appears as ::ffff:a.b.c.d."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
server.bind(("", 20000))
while True:
    message, (host, port, *_) = server.recvfrom(2048)
    print(f"{host} port {port}: {message!r}", flush=True)
    server.sendto(b"ABCD", (host, port))
