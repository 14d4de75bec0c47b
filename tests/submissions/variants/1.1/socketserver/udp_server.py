"""Exercise 1.1 with socketserver."""

import socketserver


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        message, _ = self.request
        host, port = self.client_address
        print(f"\033[32m{host}\033[0m:\033[1;33m{port}\033[0m \033[36m{message!r}\033[0m")


socketserver.UDPServer(("localhost", 8000), Handler).serve_forever()
