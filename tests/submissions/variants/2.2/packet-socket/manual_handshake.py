"""Exercise 2.2 from the Ethernet header up, through a packet socket."""

import random
import socket
import struct
import sys
import time

ETH_P_IP = 0x0800
INTERFACE = "eth0"


def checksum(data):
    total = int.from_bytes(data + b"\0" * (len(data) % 2), "big") % 0xFFFF
    return 0xFFFF - total


def route(target):
    """Our own address towards the target, and the address of the next hop."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((target, 9))
        return probe.getsockname()[0]


def hardware_address(ip):
    with open("/proc/net/arp") as table:
        for line in list(table)[1:]:
            fields = line.split()
            if fields[0] == ip and fields[3] != "00:00:00:00:00:00":
                return bytes.fromhex(fields[3].replace(":", ""))
    return None


def packet(source, target, sport, seq, ack, flags):
    tcp = struct.pack("!HHIIBBHHH", sport, 80, seq, ack, 0x50, flags, 8192, 0, 0)
    pseudo = source + target + struct.pack("!BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), random.getrandbits(16), 0, 64, 6, 0, source, target)
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


def synack(sock, sport, seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            frame, (_, _, kind, *_) = sock.recvfrom(2048)
        except TimeoutError:
            return None
        if kind == socket.PACKET_OUTGOING or frame[23] != 6:
            continue
        tcp = frame[14 + (frame[14] & 15) * 4:]
        if struct.unpack("!HH", tcp[:4]) == (80, sport):
            return struct.unpack("!II", tcp[4:12]), tcp[13]
    return None


def main():
    target = socket.gethostbyname("scanme.nmap.org")
    me = route(target)
    try:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        sock.bind((INTERFACE, ETH_P_IP))
    except PermissionError:
        sys.exit("Operation not permitted: packet sockets need CAP_NET_RAW")
    mac = hardware_address(target) or hardware_address("10.77.0.1")
    if mac is None:
        sys.exit("no hardware address for the peer")
    ethernet = mac + sock.getsockname()[4] + struct.pack("!H", ETH_P_IP)
    source, there, sport, isn = socket.inet_aton(me), socket.inet_aton(target), random.randint(2048, 65000), 0xFFFFFFFF
    sock.send(ethernet + packet(source, there, sport, isn, 0, 0x02))
    answer = synack(sock, sport, 3)
    if answer is None:
        sys.exit("no SYN-ACK")
    (seq, ack), flags = answer
    if flags & 0x16 != 0x12:
        sys.exit("port closed")
    sock.send(ethernet + packet(source, there, sport, ack, (seq + 1) & 0xFFFFFFFF, 0x10))
    print("three segments, one connection")


main()
