import errno, os


def told(name, call):
    """Say what became of an attempt."""
    try:
        print(name, "succeeded:", call())
    except OSError as error:
        print(name, "refused:", errno.errorcode.get(error.errno, error.errno))

import ctypes, fcntl, socket, struct

libc = ctypes.CDLL(None, use_errno=True)


def called(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def setting(name):
    with open(f"/proc/sys/{name}", "w") as file:
        file.write("1")


def rules():
    nft = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    nft.send(struct.pack("=IHHIIBBHHH", 24, (10 << 8) | 0, 0x605, 1, 0, 2, 0, 0, 4, 0))
    error = -struct.unpack_from("=i", nft.recv(4096), 16)[0]
    if error:
        raise OSError(error, "nft")


control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
told("down", lambda: fcntl.ioctl(control, 0x8914, struct.pack("16sH22x", b"eth0", 0)))
told("mtu", lambda: fcntl.ioctl(control, 0x8922, struct.pack("16si20x", b"eth0", 600)))
told("forward", lambda: setting("net/ipv4/ip_forward"))
told("rules", rules)
for name, flag in (("user", 0x10000000), ("net", 0x40000000), ("pid", 0x20000000), ("mnt", 0x20000)):
    told(name, lambda flag=flag: called("unshare", flag))
told("setns", lambda: called("setns", os.open("/proc/self/ns/net", os.O_RDONLY), 0))
told("mount", lambda: called("mount", b"none", b"/tmp", b"tmpfs", 0, None))

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
