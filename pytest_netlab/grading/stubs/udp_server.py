"""1.1  UDP server.

Bind UDP port 8000 of 127.0.0.1 and receive in a loop, up to 1024 bytes at a time. Print each message with the address
and port of its sender. Send nothing back.

Hint: an empty datagram is a message too; it does not mean that the sender has gone.
"""


def main() -> None:
    # 1. Make a UDP socket and bind it. 2. Receive and print, for ever.
    raise SystemExit("udp_server is still to be written")


if __name__ == "__main__":
    main()
