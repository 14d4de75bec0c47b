"""Exercise 1.1 from a thread."""

import socket
import threading


def send() -> None:
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind(("127.0.0.1", 0))
    client.sendto("Hello, World!".encode(), ("127.0.0.1", 8000))
    client.close()


thread = threading.Thread(target=send)
thread.start()
thread.join()
