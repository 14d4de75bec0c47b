"""0.1 and 0.2  One character out, four back: the client.

Send the single byte A to UDP port 20000 of localhost, from a port of the kernel's choosing, wait for the four bytes
that come back, print them, and end.

Hint: a datagram is bytes, b"A", and not a str.
"""


def main() -> None:
    # 1. Make a UDP socket; give it a timeout, for an answer may never come.
    # 2. Send one byte. 3. Receive and print the answer.
    raise SystemExit("abcd_client is still to be written")


if __name__ == "__main__":
    main()
