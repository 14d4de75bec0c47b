import socket
s = socket.create_connection(('httpbin.org', 80))
s.sendall(b'GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n')
while True:
    data = s.recv(1024)
    print('Empfangen', len(data), 'Bytes:', data)
    if not data: break
s.close()
