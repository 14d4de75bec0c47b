import json
import threading
import time

from scapy.all import IP, UDP, AsyncSniffer, ByteField, FieldLenField, Packet, StrLenField, bind_layers, send


class CustomProtocol(Packet):
    fields_desc = [
        ByteField("version", 1),
        ByteField("type", 0),
        FieldLenField("length", None, length_of="data", fmt="!H"),
        StrLenField("data", b"", length_from=lambda p: p.length),
    ]


bind_layers(UDP, CustomProtocol, dport=12345)


def report(p):
    raw = bytes(p[UDP].payload)[:p[UDP].len - 8]
    record = {"source": p[IP].src, "bytes": len(raw)}
    if len(raw) >= 4:
        length = raw[2] << 8 | raw[3]
        record |= {"version": raw[0], "type": raw[1], "length": length,
                   "payload": raw[4:].decode("latin-1"), "length_ok": length == len(raw) - 4}
    else:
        record["error"] = "shorter than the header"
    print(json.dumps(record), flush=True)


armed = threading.Event()
sniffer = AsyncSniffer(iface=["lo", "eth0"], filter="udp port 12345", prn=report, store=False,
                       started_callback=armed.set)
sniffer.start()
if not armed.wait(3):
    raise SystemExit("not permitted to sniff")
begin = time.monotonic()
time.sleep(2)
send(IP(dst="127.0.0.1") / UDP(sport=33333, dport=12345, chksum=0)
     / CustomProtocol(version=2, type=1, data=b"This is my custom data"), verbose=False)
time.sleep(9 - (time.monotonic() - begin))
sniffer.stop()
