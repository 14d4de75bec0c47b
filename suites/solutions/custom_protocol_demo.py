"""Exercise 2.4: a protocol of our own above UDP port 12345, spoken by a sender and read by a receiver."""

import sys
import threading
import time

from scapy.config import conf
from scapy.fields import ByteField, ShortField
from scapy.layers.inet import IP, UDP
from scapy.packet import Packet, Raw, bind_layers
from scapy.sendrecv import send, sniff
from scapy.supersocket import L3RawSocket

PORT = 12345
SOURCE_PORT = 54321
DATA = b"This is my custom data"
LISTEN_S = 9
HEAD_START_S = 2


class CustomProtocol(Packet):
    """Version, type, and the number of bytes behind this header."""

    name = "CustomProtocol"
    fields_desc = [ByteField("version", 1), ByteField("type", 0), ShortField("length", None)]

    def post_build(self, header, payload):
        if self.length is None:
            header = header[:2] + len(payload).to_bytes(2, "big")
        return header + payload


bind_layers(UDP, CustomProtocol, dport=PORT)


def show(packet):
    """Print one datagram. It may be anybody's: it need not follow the protocol."""
    source = packet[IP].src
    data = bytes(packet[UDP].payload)[: packet[UDP].len - 8]  # short frames are padded
    if len(data) < 4:
        print(f"From {source}: {len(data)} bytes are no CustomProtocol header: {data!r}", flush=True)
        return
    message = CustomProtocol(data)
    payload = bytes(message.payload)
    verdict = "correct" if message.length == len(payload) else f"wrong, {len(payload)} bytes follow"
    text = payload.decode("utf-8", errors="backslashreplace")
    print(f"From {source}: version {message.version}, type {message.type}, "
          f"length {message.length} ({verdict}), payload: {text}", flush=True)  # fmt: skip


def receive(listening):
    try:
        # "lo" carries what this host sends to itself, the default interface what others send.
        sniff(iface=["lo", conf.iface], filter=f"udp port {PORT}", prn=show, store=False,
              timeout=LISTEN_S, started_callback=listening.set)  # fmt: skip
    except PermissionError:
        print("Sniffing needs privileges: run this as root or with CAP_NET_RAW.", file=sys.stderr)


def main():
    listening = threading.Event()
    receiver = threading.Thread(target=receive, args=(listening,), daemon=True)
    receiver.start()
    if not listening.wait(HEAD_START_S):
        return 1
    time.sleep(HEAD_START_S)
    conf.L3socket = L3RawSocket  # so that the kernel of this very host takes the datagram in
    send(IP(dst="127.0.0.1") / UDP(sport=SOURCE_PORT, dport=PORT) / CustomProtocol(version=2, type=1) / Raw(DATA),
         verbose=False)  # fmt: skip
    receiver.join()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Stopped.")
