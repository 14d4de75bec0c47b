"""Exercise 1.1 over IPv6 with asyncio."""

import asyncio


async def main():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("::1", 8000))
    transport.sendto(b"Hello, World!")
    transport.close()


asyncio.run(main())
