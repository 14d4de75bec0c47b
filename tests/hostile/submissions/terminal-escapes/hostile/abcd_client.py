import errno, os


def told(name, call):
    """Say what became of an attempt."""
    try:
        print(name, "succeeded:", call())
    except OSError as error:
        print(name, "refused:", errno.errorcode.get(error.errno, error.errno))

import fcntl, sys

sys.stdout.write("\x1b[2J\x1b[1;1H\x1b]0;owned\x07\x1b]52;c;ZWNobyBoaQ==\x07\x1b[8mhidden\x1b[0m\u202e gnorw \u2066\x9b31m\r\n")
told("TIOCSTI", lambda: fcntl.ioctl(0, 0x5412, b"x"))
told("TIOCLINUX", lambda: fcntl.ioctl(0, 0x541C, b"\x02"))
raise SystemExit(1)
