"""Exercise 1.1: an IPv6 socket that holds ::ffff:127.0.0.1."""

import selectors
import socket
import sys

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("::ffff:127.0.0.1", 8000))
server.setblocking(False)
selector = selectors.DefaultSelector()
selector.register(server, selectors.EVENT_READ)
while selector.select():
    message, sender = server.recvfrom(65535)
    sys.stderr.write(f"{sender[0]} {sender[1]}\n\t{message.decode('latin-1')}\n")
