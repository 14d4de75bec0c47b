import socket
s = socket.create_connection(('httpbin.org', 80))
s.sendall(b'GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n')
while True:
    data = s.recv(1024)
    if not data: break
    print(data.decode('utf-8', 'replace'))
s.close()
