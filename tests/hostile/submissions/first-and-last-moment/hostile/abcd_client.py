import atexit, os, socket

late = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
late.sendto(b"A", ("127.0.0.1", 20000))
late.sendto(b"A", ("127.0.0.1", 20000))
os._exit(0)
