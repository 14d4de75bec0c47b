"""Exercise 1.2 with asyncio."""

import asyncio


async def main() -> None:
    reader, writer = await asyncio.open_connection("httpbin.org", 80)
    writer.writelines([b"GET /get HTTP/1.1\r\n", b"Connection: close\r\n", b"Host:httpbin.org\r\n", b"\r\n"])
    await writer.drain()
    response = await reader.read()
    writer.close()
    await writer.wait_closed()
    print(response.decode(errors="backslashreplace"))


asyncio.run(main())
