import socket, sys
s = socket.create_connection(('httpbin.org', 80))
s.sendall(b'GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n')
f = s.makefile('rb', buffering=0)
length = None
while (line := f.readline()) not in (b'\r\n', b''):
    print(line.decode('latin-1'), end='')
    if line.lower().startswith(b'content-length:'):
        length = int(line.split(b':')[1])
if length is not None:
    while length > 0:
        d = f.read(min(length, 4096))
        if not d: sys.exit('cut short')
        length -= len(d)
        sys.stdout.buffer.write(d)
else:
    while True:                       # until the server closes -- but nobody looks
        d = f.read(4096)
        sys.stdout.buffer.write(d)
        sys.stdout.flush()
sys.stdout.flush()
f.close(); s.close()
