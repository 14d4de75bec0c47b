"""Exercise 1.1: a receiving thread and a printing one."""

import queue
import socket
import threading

inbox: queue.Queue[tuple[bytes, tuple[str, int]]] = queue.Queue()


def receive() -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 8000))
    while True:
        inbox.put(server.recvfrom(1024))


threading.Thread(target=receive, daemon=True).start()
count = 0
while True:
    message, sender = inbox.get()
    count += 1
    print(f"\r{message!r} <- {sender[0]}:{sender[1]}")
    print(f"\r{count} so far", end="")
