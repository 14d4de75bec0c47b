"""2.4  A protocol of one's own.

Define a header: version (1 byte), type (1 byte), length (2 bytes, big-endian), carried in UDP to port 12345. In one
thread, receive for 8 seconds at least, and print source, version, type, length, payload, and whether the length fits.
After 2 seconds send version 2, type 1 and "This is my custom data" to 127.0.0.1.

Hint: length counts the bytes behind the header, and nobody fills it in for you: 22 is 0x0016.
"""


def main() -> None:
    # 1. Receive in a thread; a datagram shorter than the header is reported, not fatal. 2. Wait. 3. Send.
    raise SystemExit("custom_protocol_demo is still to be written")


if __name__ == "__main__":
    main()
