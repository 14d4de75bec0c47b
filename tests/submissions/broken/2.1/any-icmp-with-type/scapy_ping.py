"""Exercise 2.1: ping 8.8.8.8 with Scapy."""

import sys

from scapy.layers.inet import ICMP, IP
from scapy.sendrecv import sr1
from scapy.volatile import RandShort


def main():
    packet = IP(dst="8.8.8.8") / ICMP(id=int(RandShort()) | 1, seq=1)
    print("Sending ICMP echo request to 8.8.8.8 ...")
    try:
        reply = sr1(packet, timeout=2, verbose=0)
    except PermissionError as error:
        print(f"You need root privileges: {error}")
        sys.exit(1)
    if reply is None:
        print("No response received")
    else:
        print(f"Echo reply from {reply[IP].src}: type={reply[ICMP].type} ttl={reply[IP].ttl}")


if __name__ == "__main__":
    main()
