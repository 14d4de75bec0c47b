"""Exercise 2.4 with what every Python has: a packet socket receives, an ordinary socket sends."""

import select
import socket
import struct
import threading
import time

HEADER = struct.Struct("!BBH")
PORT = 12345


def listen(interfaces, until):
    sockets = []
    for interface in interfaces:
        s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        s.bind((interface, 0x0800))
        sockets.append(s)
    while (left := until - time.monotonic()) > 0:
        for s in select.select(sockets, [], [], left)[0]:
            packet, address = s.recvfrom(65535)
            if address[2] != socket.PACKET_OUTGOING:
                show(packet)


def show(packet):
    ihl = (packet[0] & 15) * 4
    if packet[9] != socket.IPPROTO_UDP:
        return
    sport, dport, length = struct.unpack_from("!HHH", packet, ihl)
    if PORT not in (sport, dport):
        return
    source = f"{socket.inet_ntoa(packet[12:16])}:{sport}"
    data = packet[ihl + 8:ihl + length]
    try:
        version, kind, announced = HEADER.unpack_from(data)
    except struct.error:
        print(f"{source:<22} runt {data.hex()}")
        return
    payload = data[HEADER.size:]
    fits = "ok" if announced == len(payload) else f"BAD({len(payload)})"
    print(f"{source:<22} v={version:<4} t={kind:<4} len={announced:<6} {fits:<9} {payload!r}")


def main():
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except PermissionError:
        raise SystemExit("This needs CAP_NET_RAW.")
    receiver = threading.Thread(target=listen, args=(["lo", "eth0"], time.monotonic() + 10))
    receiver.start()
    time.sleep(2)
    data = b"This is my custom data"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(HEADER.pack(2, 1, len(data)) + data, ("127.0.0.1", PORT))
    receiver.join()


main()
