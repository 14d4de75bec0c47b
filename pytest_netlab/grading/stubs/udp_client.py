"""1.1  UDP client.

Send one datagram, the 13 bytes "Hello, World!", to UDP port 8000 of 127.0.0.1, from a port of the kernel's choosing,
and end with exit status 0. The server does not answer.

Hint: without bind(), the kernel chooses the port when you send.
"""


def main() -> None:
    # 1. Make a UDP socket. 2. Send the datagram, once.
    raise SystemExit("udp_client is still to be written")


if __name__ == "__main__":
    main()
