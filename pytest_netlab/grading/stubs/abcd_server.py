"""0.1 and 0.2  One character out, four back: the server.

Bind UDP port 20000 on all addresses. For every datagram that comes, print who sent it and what it says, and send the
four bytes ABCD back to the sender, from the same socket. Keep serving: a second client, an empty datagram and bytes
that are no text are all answered.

Hint: recvfrom() returns the data and the address to answer; "" as the address to bind means all of this host's.
"""


def main() -> None:
    # 1. Make a UDP socket and bind it.
    # 2. In an endless loop: receive, print, answer.
    raise SystemExit("abcd_server is still to be written")


if __name__ == "__main__":
    main()
