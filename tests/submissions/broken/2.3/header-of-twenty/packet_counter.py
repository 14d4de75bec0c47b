#!/usr/bin/env python3
"""Zaehler mit AF_PACKET, nur Anfragen; JSON-Zeile pro Sekunde"""
import socket, struct, time, json, signal, sys
C = dict.fromkeys(("HTTP", "DNS", "ICMP", "TCP", "UDP", "Other IP"), 0)
stop = False
def halt(*_):
    global stop; stop = True
signal.signal(signal.SIGINT, halt); signal.signal(signal.SIGTERM, halt)
def dns_ok(b):
    if len(b) < 12: return False
    _, fl, qd, an, ns, ar = struct.unpack("!6H", b[:12])
    if not 1 <= qd + an <= 50 or qd > 4: return False
    i = 12
    for _ in range(qd):
        while i < len(b) and b[i]:
            if b[i] >= 0xc0: i += 1; break
            i += 1 + b[i]
        i += 5
    return i <= len(b)
M = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT")
def kind(d):
    h = (d[0] & 15) * 4; tot = struct.unpack("!H", d[2:4])[0]; p = d[9]; b = d[h:tot]
    if p == 6:
        sp, dp = struct.unpack("!HH", b[:4]); pl = b[20:]
        if {sp, dp} & {80, 8080}:
            first = pl.split(b"\r\n")[0].decode("latin-1").split(" ")
            if first[0] in M and len(first) >= 2: return "HTTP"
        if 53 in (sp, dp) and len(pl) > 2 and dns_ok(pl[2:]): return "DNS"
        return "TCP"
    if p == 17:
        sp, dp = struct.unpack("!HH", b[:4])
        if 53 in (sp, dp) and dns_ok(b[8:]): return "DNS"
        return "UDP"
    return "ICMP" if p == 1 else "Other IP"
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)); s.bind(("eth0", 3)); s.settimeout(.25)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1<<20)
end = time.monotonic() + 60; last = 0
while not stop and time.monotonic() < end:
    try:
        d, a = s.recvfrom(65535)
        if a[1] == 0x800: C[kind(d)] += 1
    except socket.timeout: pass
    if time.monotonic() - last > 1:
        last = time.monotonic(); print(json.dumps(C), flush=True)
print("ENDE", json.dumps(C), flush=True)
