import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 8000))
print('listening')
sender = None
while True:
    data, addr = s.recvfrom(1024)
    sender = sender or addr
    print(sender, data, flush=True)
