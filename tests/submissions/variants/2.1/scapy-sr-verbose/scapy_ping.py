import random

from scapy.all import ICMP, IP, Raw, sr


def main():
    request = IP(dst="8.8.8.8", ttl=64) / ICMP(id=random.randrange(1, 65536), seq=(1, 2)) / Raw(b"x" * 56)
    try:
        answered, unanswered = sr(request, timeout=2)
    except PermissionError:
        print("I am not permitted to do that. Try sudo.")
        return
    rows = [(reply.src, reply[ICMP].id, reply[ICMP].seq, (reply.time - sent.sent_time) * 1000)
            for sent, reply in answered if reply.getlayer(ICMP).type == 0]
    if not rows:
        print("nobody there")
        return
    print(f"{'source':<16}{'id':>6}{'seq':>5}{'ms':>8}")
    for source, identifier, sequence, ms in rows:
        print(f"{source:<16}{identifier:>6}{sequence:>5}{ms:>8.2f}")


main()
