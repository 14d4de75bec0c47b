"""Find the open TCP ports of a host: one connect() a port, all of them at once."""

import selectors
import socket
import sys
import time

PATIENCE_S = 1.0


def scan(host: str, ports: range) -> list[int]:
    """The ports that accept a connection within `PATIENCE_S`."""
    found = []
    with selectors.DefaultSelector() as waiting:
        for port in ports:
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.connect_ex((host, port))
            waiting.register(sock, selectors.EVENT_WRITE, port)
        deadline = time.monotonic() + PATIENCE_S
        while waiting.get_map() and (left_s := deadline - time.monotonic()) > 0:
            for key, _ in waiting.select(left_s):
                sock = key.fileobj
                if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    found.append(key.data)
                waiting.unregister(sock)
                sock.close()
        for key in list(waiting.get_map().values()):
            key.fileobj.close()
    return sorted(found)


def main() -> None:
    host, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for port in scan(host, range(first, last)):
        print(f"{port} open")


if __name__ == "__main__":
    main()
