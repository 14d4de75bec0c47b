"""Exercise 0.1 with asyncio."""

import asyncio


class Client(asyncio.DatagramProtocol):
    def __init__(self, answer: asyncio.Future[bytes]) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.sendto(b"A")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.answer.set_result(data)


async def main() -> None:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(lambda: Client(answer), remote_addr=("127.0.0.1", 20000))
    print(await asyncio.wait_for(answer, 3))
    transport.close()


asyncio.run(main())
