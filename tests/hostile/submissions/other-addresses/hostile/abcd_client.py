import errno, os


def told(name, call):
    """Say what became of an attempt."""
    try:
        print(name, "succeeded:", call())
    except OSError as error:
        print(name, "refused:", errno.errorcode.get(error.errno, error.errno))

import socket


def reach(family, address, port):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        client.connect((address, port))


for address in ("192.0.2.1", "198.51.100.1", "169.254.169.254"):
    told(address, lambda address=address: reach(socket.AF_INET, address, 80))
told("2001:db8::1", lambda: reach(socket.AF_INET6, "2001:db8::1", 80))

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
