import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 20000))
s.recvfrom(10)
while True:
    data, addr = s.recvfrom(4096)
    print(addr, data, flush=True)
    s.sendto(b'ABCD', addr)
