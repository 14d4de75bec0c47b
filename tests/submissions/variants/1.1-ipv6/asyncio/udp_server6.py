"""Exercise 1.1 over IPv6 with asyncio."""

import asyncio


class Printer(asyncio.DatagramProtocol):
    def datagram_received(self, data, sender):
        print(f"{sender[0]} {sender[1]} {data!r}", flush=True)


async def main():
    await asyncio.get_running_loop().create_datagram_endpoint(Printer, local_addr=("::1", 8000))
    await asyncio.Event().wait()


asyncio.run(main())
