"""Exercise 1.2 without Connection: close: the client knows where the response ends."""

import socket
import sys


def body(stream, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        data = b""
        while size := int(stream.readline().split(b";")[0], 16):
            data += stream.read(size)
            stream.readline()
        while stream.readline() not in (b"\r\n", b""):
            pass
        return data
    if "content-length" in headers:
        return stream.read(int(headers["content-length"]))
    return stream.read()


with socket.create_connection(("httpbin.org", 80), 10) as sock:
    sock.send(b"GET /get HTTP/1.1\r\n")
    sock.send(b"Host: httpbin.org\r\n\r\n")
    with sock.makefile("rb") as stream:
        status = stream.readline().decode("ascii").strip()
        headers = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        print(status, headers)
        sys.stdout.write(body(stream, headers).decode("latin-1") + "\n")
