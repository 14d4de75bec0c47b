from scapy.all import *
protocol_counts = {"HTTP": 0, "DNS": 0, "ICMP": 0, "TCP": 0, "UDP": 0, "Other IP": 0}
METHODS = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"TRACE ", b"CONNECT ", b"HTTP/")
def is_http(t):
    return bytes(t.payload).startswith(METHODS)
def is_dns(p):
    if UDP in p and 53 in (p[UDP].sport, p[UDP].dport): return DNS in p
    if TCP in p and 53 in (p[TCP].sport, p[TCP].dport): return DNS in p and len(bytes(p[TCP].payload)) > 12
    return False
def cb(p):
    if IP not in p: return
    proto = p[IP].proto
    if proto == 6 and is_http(p[TCP]): k = "HTTP"
    elif proto in (6, 17) and is_dns(p): k = "DNS"
    elif proto == 1: k = "ICMP"
    elif proto == 6: k = "TCP"
    elif proto == 17: k = "UDP"
    else: k = "Other IP"
    protocol_counts[k] += 1
    print("\r" + " | ".join("%s: %d" % kv for kv in protocol_counts.items()), end="", flush=True)
print("sniffing 60 s")
sniff(filter="ip", prn=cb, store=0, timeout=60)
print("\n--- final ---")
for k, v in protocol_counts.items(): print(f"{k:10}{v}")
