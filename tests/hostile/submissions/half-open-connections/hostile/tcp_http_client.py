import socket, time

held = []
for _ in range(200):
    try:
        held.append(socket.create_connection(("httpbin.org", 80), timeout=1))
    except OSError as error:
        print(error)
        break
try:
    for byte in b"GET /get HTTP/1.1":
        held[0].send(bytes([byte]))
        time.sleep(1)
except OSError as error:
    print(error)
