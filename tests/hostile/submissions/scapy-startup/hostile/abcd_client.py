import os, pathlib

for name in (".config/scapy/prestart.py", ".config/scapy/startup.py", ".config/wireshark/init.lua", ".bashrc", ".local/lib/python3.11/site-packages/x.pth"):
    path = pathlib.Path.home() / name
    print(name, path.exists())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("print('executed')")
print("home:", pathlib.Path.home())

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
