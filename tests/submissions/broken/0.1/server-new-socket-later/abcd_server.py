import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 20000))
out = s
while True:
    data, addr = s.recvfrom(4096)
    print(addr, data, flush=True)
    out.sendto(b'ABCD', addr)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
