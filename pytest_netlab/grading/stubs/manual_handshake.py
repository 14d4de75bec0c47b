"""2.2  The three-way handshake by hand.

Craft a SYN to TCP port 80 of scanme.nmap.org, read the SYN-ACK, and craft the ACK: all three between one and the same
pair of ports. The server's accept() returning is the proof. When the port is closed, or nobody answers, send no ACK
and say that it failed.

Hint: choose the source port once, int(RandShort()) or a number of your own, and use it in both segments.
"""


def main() -> None:
    # 1. SYN, seq x. 2. Wait for SYN-ACK (seq y, ack x + 1). 3. ACK, seq x + 1, ack y + 1, same ports.
    raise SystemExit("manual_handshake is still to be written")


if __name__ == "__main__":
    main()
