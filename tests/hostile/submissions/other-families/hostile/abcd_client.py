import errno, os


def told(name, call):
    """Say what became of an attempt."""
    try:
        print(name, "succeeded:", call())
    except OSError as error:
        print(name, "refused:", errno.errorcode.get(error.errno, error.errno))

import ctypes, platform, socket

libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"


def called(*arguments):
    if libc.syscall(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "")


for family in (3, 9, 15, 21, 29, 30, 31, 36, 38, 40, 42, 43, 44):
    told(f"family {family}", lambda family=family: socket.socket(family, socket.SOCK_DGRAM))
room = ctypes.create_string_buffer(256)
told("io_uring", lambda: called(425, 1, room))
told("add_key", lambda: called(248 if X86 else 217, b"user", b"x", b"y", 1, -3))
told("keyctl", lambda: called(250 if X86 else 219, 0, -3, 1))
told("bpf", lambda: called(321 if X86 else 280, 0, room, 128))
told("perf", lambda: called(298 if X86 else 241, room, 0, -1, -1, 0))
told("userfaultfd", lambda: called(323 if X86 else 282, 0))
print("abstract:", [line for line in open("/proc/net/unix") if "@" in line])

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
