import socket, struct, time

STUDENT, SERVER = socket.inet_aton("10.77.0.2"), socket.inet_aton("10.77.0.81")


def total(data):
    data += b"\0" * (len(data) % 2)
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF


def segment(source, destination, sport, dport, seq, ack, flags):
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 8192, 0, 0)
    tcp = tcp[:16] + struct.pack("!H", total(source + destination + struct.pack("!BBH", 0, 6, 20) + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 7, 0, 64, 6, 0, source, destination)
    return ip[:10] + struct.pack("!H", total(ip)) + ip[12:] + tcp


ETHERNET = bytes.fromhex("02000a4d0001") + bytes.fromhex("02000a4d0002") + b"\x08\x00"
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
wire.bind(("eth0", 0x0800))
ok = segment(STUDENT, SERVER, 40000, 80, 1, 0, 2)
odd = [b"", b"\x45", ok[:19], ok[:25], b"\x4f" + ok[1:], b"\x41" + ok[1:], b"\x65" + ok[1:],
       ok[:2] + b"\xff\xff" + ok[4:], ok[:2] + b"\0\0" + ok[4:], ok[:32] + b"\xf0" + ok[33:],
       ok[:6] + b"\x20\0" + ok[8:], ok[:6] + b"\x20\x01" + ok[8:], ok[:6] + b"\0\x01" + ok[8:], bytes(1486)]
for each in odd:
    for start in (ETHERNET, ETHERNET[:12] + b"\x81\0\0\x05\x08\0", ETHERNET[:12] + b"\x86\xdd", ETHERNET[:12] + b"\0\x05"):
        if start[12:14] == b"\x81\0" and len(each) < 2:
            continue  # the kernel throws a frame with half a tag away before any tap: such a run is broken, by intent
        try:
            wire.send(start + each)
        except OSError as error:
            print(error)
print("done")
