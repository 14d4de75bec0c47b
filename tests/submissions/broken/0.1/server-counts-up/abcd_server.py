import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 20000))
ans = bytearray(b'ABCD')
while True:
    data, addr = s.recvfrom(4096)
    print(addr, data, flush=True)
    s.sendto(bytes(ans), addr)
    ans[0] += 1
