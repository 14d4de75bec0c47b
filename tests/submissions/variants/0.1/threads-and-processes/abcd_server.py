"""Exercise 0.1: several threads receive on one socket."""

import socket
import threading

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 20000))


def serve() -> None:
    while True:
        message, client = server.recvfrom(1500)
        print(f"{threading.current_thread().name}: {client} {message!r}\n", end="")
        server.sendto(b"ABCD", client)


workers = [threading.Thread(target=serve, daemon=True) for _ in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
