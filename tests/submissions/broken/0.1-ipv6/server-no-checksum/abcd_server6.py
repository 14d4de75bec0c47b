"""Exercise 0.1 over IPv6, broken: has the kernel leave out the checksum on the cable."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 20000))
UDP_NO_CHECK6_TX = 101

while True:
    message, client = server.recvfrom(2048)
    print(client[0], client[1], message, flush=True)
    server.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_TX, client[0] != "::1")
    server.sendto(b"ABCD", client)
