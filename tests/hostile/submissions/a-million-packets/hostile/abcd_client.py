import os, socket

os.fork()
flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        flood.sendto(b"A", ("127.0.0.1", 9))
    except OSError:
        pass
