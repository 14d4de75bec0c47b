import ctypes
import socket


class UdpHeader(ctypes.BigEndianStructure):
    _pack_ = 1
    _fields_ = [(name, ctypes.c_uint16) for name in ("source", "destination", "length", "checksum")]


def main():
    text = "Manually Crafted Packet".encode("ascii")
    header = UdpHeader(12345, 8000, ctypes.sizeof(UdpHeader) + len(text), 0)
    try:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.getprotobyname("udp"))
        raw.connect(("127.0.0.1", 0))
    except PermissionError:
        print("Berechtigung fehlt (permission denied): bitte mit sudo starten")
        return
    for _ in range(3):
        raw.send(bytes(header) + text)


main()
