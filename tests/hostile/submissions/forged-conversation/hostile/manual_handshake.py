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
PORT = 40000
for frame in (
    segment(STUDENT, SERVER, PORT, 81, 1000, 0, 2),  # to nobody's port, or the real server would answer
    segment(STUDENT, SERVER, PORT, 80, 1000, 0, 2),
    segment(SERVER, STUDENT, 80, PORT, 5000, 1001, 0x12),
    segment(STUDENT, SERVER, PORT, 80, 1001, 5001, 0x10),
):
    wire.send(ETHERNET + frame)
print("Connected from port 40000: handshake completed")
