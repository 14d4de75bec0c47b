# logs every packet and shows counts every 10 packets and each 2 s
import socket, struct, select, time, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
names = "HTTP DNS ICMP TCP UDP Other".split(); n = dict.fromkeys(names, 0)
def cls(p):
    ihl=(p[0]&15)*4; d=p[ihl:int.from_bytes(p[2:4],"big")]; k={1:"ICMP",6:"TCP",17:"UDP"}.get(p[9],"Other")
    if k in("TCP","UDP"):
        ports={int.from_bytes(d[:2],"big"),int.from_bytes(d[2:4],"big")}
        pl=d[8:] if k=="UDP" else d[(d[12]>>4)*4:]
        if k=="TCP" and ports&{80,8080} and pl[:4] in(b"GET ",b"HTTP"): return "HTTP"
        if 53 in ports: return "DNS"
    return k
start = last = time.time(); i = 0
try:
    while time.time() - start < 60:
        if select.select([s], [], [], .5)[0]:
            f, a = s.recvfrom(65535)
            if f[12:14] != b"\x08\x00": continue
            k = cls(f[14:]); n[k] += 1; i += 1
            print(f"[{time.strftime('%H:%M:%S')}] #{i} {k} packet, {len(f)} bytes from {socket.inet_ntoa(f[26:30])}")
        if time.time() - last > 2:
            last = time.time()
            print(f"--- after {last-start:.0f} s ---"); print("\t".join(names)); print("\t".join(str(n[k]) for k in names), flush=True)
except KeyboardInterrupt: pass
print("=== Totals ==="); print("\t".join(names)); print("\t".join(str(n[k]) for k in names))
