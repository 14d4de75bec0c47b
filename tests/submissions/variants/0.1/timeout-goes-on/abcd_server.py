"""Exercise 0.1: answer every datagram to UDP port 20000 with the four bytes ABCD."""

import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 20000))
server.settimeout(0.5)  # so that Ctrl-C is heard on every system
while True:
    try:
        data, (host, port) = server.recvfrom(65535)
    except TimeoutError:
        continue
    print(f"{host} {port} {data}", flush=True)
    server.sendto(b"ABCD", (host, port))
