"""Exercise 2.3: tshark listens, this script counts what it tells."""

import subprocess
import sys

NAMES = ["HTTP", "DNS", "ICMP", "TCP", "UDP", "Other IP"]
counts = dict.fromkeys(NAMES, 0)
COMMAND = ["tshark", "-l", "-n", "-Q", "-i", "eth0", "-a", "duration:60", "-Y", "ip", "-T", "fields",
           "-e", "frame.protocols", "-e", "http.request.method", "-e", "http.response.code", "-e", "dns.id"]


def records(lines):
    for line in lines:
        yield line.rstrip("\n").split("\t")


def classify(record):
    stack, method, status, dns = (record + [""] * 4)[:4]
    layers = stack.split(":")
    if "icmp" in layers:
        return "ICMP"
    if method or status:
        return "HTTP"
    if dns:
        return "DNS"
    return "TCP" if "tcp" in layers else "UDP" if "udp" in layers else "Other IP"



def show(end):
    print(", ".join(f"{name} = {counts[name]}" for name in NAMES), end=end, flush=True)


def main():
    listener = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True, errors="replace")
    try:
        for record in records(listener.stdout):
            counts[classify(record)] += 1
            show("\r")
    except KeyboardInterrupt:
        pass
    if listener.wait() not in (0, -2, 124, 130) and not any(counts.values()):
        sys.exit("tshark could not listen: permission denied?")
    print()
    show("\n")


main()
