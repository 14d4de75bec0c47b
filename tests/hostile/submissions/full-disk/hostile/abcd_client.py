import errno, os


def told(name, call):
    """Say what became of an attempt."""
    try:
        print(name, "succeeded:", call())
    except OSError as error:
        print(name, "refused:", errno.errorcode.get(error.errno, error.errno))

import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def fill(place):
    for number in range(4):
        with open(f"{place}/{number}", "wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 16)):
                    pass
            except OSError as error:
                if error.errno != errno.EFBIG:
                    raise


for place in ("/submission", "/tmp", "/run", "/var/tmp", "/dev/shm"):
    told(place, lambda place=place: fill(place))

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
