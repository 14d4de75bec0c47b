"""Exercise 2.1: ping 8.8.8.8 with Scapy."""

import sys
import time

from scapy.layers.inet import ICMP, IP
from scapy.sendrecv import sr1
from scapy.volatile import RandShort


def ping():
    packet = IP(dst="8.8.8.8") / ICMP(id=int(RandShort()) | 1, seq=1)
    print("Sending ICMP echo request to 8.8.8.8 ...")
    try:
        reply = sr1(packet, timeout=2, verbose=0)
    except PermissionError as error:
        print(f"You need root privileges: {error}")
        sys.exit(1)
    if reply is None:
        print("No response received")
        return
    if reply[ICMP].type == 0:
        print(f"Echo reply received from {reply[IP].src}")
    else:
        print(f"No echo reply, but an ICMP message of type {reply[ICMP].type} from {reply[IP].src}")


def main():
    while True:
        ping()
        time.sleep(1)


if __name__ == "__main__":
    main()
