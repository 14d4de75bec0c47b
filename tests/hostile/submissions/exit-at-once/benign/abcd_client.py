import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
