"""Exercise 0.1 over IPv6, broken: the second answer is not the first one."""

import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 20000))
answer = b"ABCD"
while True:
    message, client = server.recvfrom(2048)
    print(client[0], client[1], message, flush=True)
    server.sendto(answer, client)
    answer = bytes(octet + 1 for octet in answer)
