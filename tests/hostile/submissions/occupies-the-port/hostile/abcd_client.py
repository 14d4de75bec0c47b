import socket

mine = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    mine.bind(("127.0.0.1", 20000))
except OSError as error:
    print(error)
else:
    mine.sendto(b"A", ("127.0.0.1", 20000))
    print(mine.recv(16))
