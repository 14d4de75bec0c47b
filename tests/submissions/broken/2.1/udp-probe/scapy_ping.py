"""Exercise 2.1: is 8.8.8.8 alive?"""

import socket


def main():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(2)
        s.sendto(b"ping", ("8.8.8.8", 53))
        try:
            data, server = s.recvfrom(1024)
            print(f"Reply from {server[0]}")
        except OSError as error:
            print(f"No reply: {error}")


if __name__ == "__main__":
    main()
