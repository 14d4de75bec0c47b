"""Exercise 1.4: send one UDP datagram from port 12345 to port 8000."""

import socket

PAYLOAD = b"Manually Crafted Packet"


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 12345))
    sock.sendto(PAYLOAD, ("127.0.0.1", 8000))
    sock.close()
    print("Manually crafted packet sent")


if __name__ == "__main__":
    main()
