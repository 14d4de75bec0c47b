import threading

for _ in range(5):
    thread = threading.Thread(target=print, args=("a thread",))
    thread.start()
    thread.join()

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
