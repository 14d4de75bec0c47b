"""Exercise 1.1 with asyncio."""

import asyncio


class Printer(asyncio.DatagramProtocol):
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        print(f"Message: {data!r}")
        print(f"Sender:  {addr}")


async def main() -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(Printer, local_addr=("127.0.0.1", 8000))
    await asyncio.Event().wait()


asyncio.run(main())
