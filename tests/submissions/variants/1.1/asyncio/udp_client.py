"""Exercise 1.1 with asyncio."""

import asyncio


async def main() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("127.0.0.1", 8000))
    transport.sendto(b"Hello, World!")
    transport.close()


asyncio.run(main())
