"""2.3  Counting what goes by.

Sniff IP traffic for 60 seconds and count it: HTTP, DNS, ICMP, TCP, UDP, Other IP. A packet counts once, in the first
class that fits. Show the counts while they grow, and once more at the end; Ctrl-C is an end as well.

Hint: HTTP is a TCP packet on port 80 or 8080 that carries the start of a request; without one it is TCP.
"""


def main() -> None:
    # 1. A counter for each class. 2. Sniff; for each packet find its class and show the counts. 3. The last counts.
    raise SystemExit("packet_counter is still to be written")


if __name__ == "__main__":
    main()
