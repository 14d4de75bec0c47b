import socket
import sys

message = f"{sys.argv[1]} is here\n".encode()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.settimeout(2)
    sock.sendto(message, ("10.77.0.1", 9000))
    answer, _ = sock.recvfrom(1024)
