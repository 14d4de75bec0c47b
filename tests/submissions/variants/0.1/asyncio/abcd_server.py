"""Exercise 0.1 with asyncio."""

import asyncio


class Server(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        print(f"Received {data!r} from {addr}")
        self.transport.sendto(b"ABCD", addr)


async def main() -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(Server, local_addr=("0.0.0.0", 20000))
    await asyncio.Event().wait()


asyncio.run(main())
