"""Exercise 0.1: a child process sends, the parent waits for it."""

import os
import socket

child = os.fork()
if child == 0:
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(2)
    client.sendto(b"\x41", ("localhost", 20000))
    print("child got", client.recv(16))
    os._exit(0)
os.waitpid(child, 0)
