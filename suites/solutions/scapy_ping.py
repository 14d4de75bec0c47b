"""Exercise 2.1: ping 8.8.8.8 with an ICMP echo request built by Scapy."""

import os
import sys

from scapy.layers.inet import ICMP, IP
from scapy.sendrecv import sr1

TARGET = "8.8.8.8"
PATIENCE_S = 2.0
ECHO_REPLY = 0


def ping() -> int:
    request = IP(dst=TARGET) / ICMP(id=os.getpid() & 0xFFFF or 1, seq=1) / b"pytest-netlab"
    answer = sr1(request, timeout=PATIENCE_S, verbose=False)
    if answer is None:
        print(f"{TARGET} is silent: nothing came back within {PATIENCE_S} s")
        return 1
    if answer[ICMP].type != ECHO_REPLY:
        print(f"{answer[IP].src} answers with an ICMP error: {answer.summary()}")
        return 1
    print(f"Echo reply from {answer[IP].src}: identifier {answer[ICMP].id}, sequence number {answer[ICMP].seq}")
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
