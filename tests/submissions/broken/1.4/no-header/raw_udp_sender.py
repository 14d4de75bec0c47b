"""Exercise 1.4: send one UDP datagram through a raw socket."""

import socket
import sys

PAYLOAD = b"Manually Crafted Packet"


def main():
    try:
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    except PermissionError as error:
        print(f"Cannot open a raw socket: {error}")
        sys.exit(1)
    s.sendto(PAYLOAD, ("127.0.0.1", 8000))
    s.close()
    print("Packet sent")


if __name__ == "__main__":
    main()
