import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(('httpbin.org', 80))
s.sendall(b'GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n')
parts = []
s.settimeout(1)
while True:
    try: d = s.recv(4096)
    except TimeoutError: break
    if not d: break
    parts.append(d)
print(b''.join(parts).decode('utf-8', 'replace'))
s.close()
