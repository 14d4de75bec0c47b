"""2.1  Ping with Scapy.

Send an ICMP echo request to 8.8.8.8, wait up to 2 seconds for the reply, and show where it came from. When nothing
comes, say so and end. An ICMP error is an answer, but no echo reply: say which it was.

Hint: sr1(…, timeout=2) returns None when nobody answers; an echo reply has the ICMP type 0.
"""


def main() -> None:
    # 1. Build IP / ICMP. 2. Send, and wait for one answer. 3. Look at its type before you call it a reply.
    raise SystemExit("scapy_ping is still to be written")


if __name__ == "__main__":
    main()
