"""Exercise 0.1: one IPv6 socket that takes IPv4 clients too."""

import selectors
import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
server.bind(("::", 20000))
server.setblocking(False)

selector = selectors.DefaultSelector()
selector.register(server, selectors.EVENT_READ)
while True:
    for _ in selector.select(timeout=0.5):
        message, client, *_ = server.recvfrom(65535)
        print("from", client[0], "port", client[1], "got", message)
        server.sendto(bytes([0x41, 0x42, 0x43, 0x44]), client)
