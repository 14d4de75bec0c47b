"""Exercise 0.1 with socketserver."""

import socketserver


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        message, sock = self.request
        print(self.client_address, message)
        sock.sendto(b"ABCD", self.client_address)


with socketserver.ThreadingUDPServer(("0.0.0.0", 20000), Handler) as server:
    server.serve_forever()
