"""1.4  A UDP header by hand.

Pack a UDP header in network byte order: source port 12345, destination port 8000, length, checksum. Put the 23 bytes
"Manually Crafted Packet" behind it and send all of it to 127.0.0.1 through a raw socket of protocol UDP; the kernel
adds the IP header. Where the privilege is missing, say so, and end without a traceback.

Hint: length counts the 8 bytes of the header too. A checksum of 0 goes out as 0, "none": compute a real one.
"""


def main() -> None:
    # 1. Pack the header (struct, "!HHHH"). 2. Open the raw socket; PermissionError gets a message. 3. Send.
    raise SystemExit("raw_udp_sender is still to be written")


if __name__ == "__main__":
    main()
