import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 8000))
s.settimeout(0.4)
stack = []
while True:
    try:
        stack.append(s.recvfrom(1024))
    except TimeoutError:
        while stack:
            data, addr = stack.pop()
            print(addr, data, flush=True)
