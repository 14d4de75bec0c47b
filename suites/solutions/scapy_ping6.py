"""Exercise 2.1 over IPv6: ping fd00:77::1 with an ICMPv6 echo request built by Scapy."""

import os
import sys

from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.sendrecv import sr1

TARGET = "fd00:77::1"
PATIENCE_S = 2.0


def ping() -> int:
    request = IPv6(dst=TARGET) / ICMPv6EchoRequest(id=os.getpid() & 0xFFFF or 1, seq=1, data=b"pytest-netlab")
    answer = sr1(request, timeout=PATIENCE_S, verbose=False)
    if answer is None:
        print(f"{TARGET} is silent: nothing came back within {PATIENCE_S} s")
        return 1
    if ICMPv6EchoReply not in answer:
        print(f"{answer[IPv6].src} answers with an ICMPv6 error: {answer.summary()}")
        return 1
    reply = answer[ICMPv6EchoReply]
    print(f"Echo reply from {answer[IPv6].src}: identifier {reply.id}, sequence number {reply.seq}")
    return 0


def main() -> int:
    try:
        return ping()
    except PermissionError:
        print("Sending raw packets needs privileges: run this as root or with CAP_NET_RAW.", file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
