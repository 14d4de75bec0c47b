"""Exercise 2.3: count what goes by."""

import socket
import time

counts = dict.fromkeys(("HTTP", "DNS", "ICMP", "TCP", "UDP", "Other IP"), 0)


def main():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", 0))
    s.settimeout(0.5)
    end = time.monotonic() + 60
    try:
        while time.monotonic() < end:
            try:
                s.recvfrom(65535)
                counts["UDP"] += 1
            except TimeoutError:
                pass
            print("\r" + "  ".join(f"{k}: {v}" for k, v in counts.items()), end="", flush=True)
    except KeyboardInterrupt:
        pass
    print("\nFinal:", counts)


main()
