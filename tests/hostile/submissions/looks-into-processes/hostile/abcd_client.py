import errno, os


def told(name, call):
    """Say what became of an attempt."""
    try:
        print(name, "succeeded:", call())
    except OSError as error:
        print(name, "refused:", errno.errorcode.get(error.errno, error.errno))

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def called(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


told("ptrace", lambda: called("ptrace", 16, 1, 0, 0))
told("process_vm_readv", lambda: called("process_vm_readv", 1, 0, 0, 0, 0, 0))
told("mem", lambda: open("/proc/1/mem", "rb"))
told("environ", lambda: open("/proc/1/environ", "rb").read())
told("cmdline", lambda: open("/proc/1/cmdline", "rb").read())

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
