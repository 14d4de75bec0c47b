"""Exercise 2.4: tcpdump listens, Python reads its hex dump, a raw socket sends."""

import re
import socket
import struct
import subprocess
import sys
import threading
import time

PORT = 12345
DATA = b"This is my custom data"


def decode(source, packet):
    ihl = (packet[0] & 15) * 4
    udp_length = int.from_bytes(packet[ihl + 4:ihl + 6], "big")
    message = packet[ihl + 8:ihl + udp_length]
    print(f"[{source}]", end=" ")
    if len(message) < 4:
        print("truncated message", message.hex(" "))
        return
    version, kind, length = struct.unpack("!BBH", message[:4])
    rest = message[4:]
    print(f"version={version} type={kind} length={length} payload={rest.decode('utf-8', 'backslashreplace')}", end=" ")
    print("length matches" if length == len(rest) else f"length does NOT match {len(rest)}", flush=True)


def listen(tcpdump):
    source, packet = None, bytearray()
    for line in tcpdump.stdout:
        if line[:1].isspace():
            packet += bytes.fromhex(re.match(r"\s+0x[0-9a-f]+:([ 0-9a-f]+)", line)[1])
            if len(packet) >= 4 and len(packet) >= int.from_bytes(packet[2:4], "big"):
                decode(source, packet)
        else:
            found = re.search(r"IP (\d+\.\d+\.\d+\.\d+)\.\d+ >", line)
            source, packet = found and found[1], bytearray()


def main():
    command = ["tcpdump", "-i", "any", "-Q", "in", "-Z", "root", "-l", "-n", "-x", "udp", "port", str(PORT)]
    tcpdump = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in tcpdump.stderr:
        if "listening on" in line:
            break
        print(line, end="", file=sys.stderr)
    else:
        sys.exit("tcpdump may not listen: run this as root")
    threading.Thread(target=listen, args=(tcpdump,), daemon=True).start()
    time.sleep(2)
    datagram = struct.pack("!HHHH", 4444, PORT, 34, 0) + struct.pack("!BBH", 2, 1, len(DATA)) + DATA
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        raw.sendto(datagram, ("127.0.0.1", 0))
    time.sleep(7)
    tcpdump.terminate()


main()
