import random
import socket
import threading

from scapy.all import IP, TCP, AsyncSniffer, send


def handshake(host, port):
    address, my_port, isn = socket.gethostbyname(host), random.randint(40000, 60000), random.getrandbits(32)
    armed = threading.Event()
    mine = lambda p: IP in p and TCP in p and p[IP].src == address and p[TCP].sport == port and p[TCP].dport == my_port
    sniffer = AsyncSniffer(lfilter=mine, stop_filter=mine, started_callback=armed.set, store=True)
    sniffer.start()
    if not armed.wait(5):
        print("cannot listen: permission denied?")
        return
    send(IP(dst=address) / TCP(sport=my_port, dport=port, flags="S", seq=isn, options=[("MSS", 1460)]), verbose=False)
    sniffer.join(timeout=4)
    if not sniffer.results:
        if sniffer.running:
            sniffer.stop()
        print("FAILED: no answer")
        return
    answer = sniffer.results[0][TCP]
    if "S" not in answer.flags or "A" not in answer.flags:
        print(f"FAILED: {answer.flags}")
        return
    ack = IP(dst=address) / TCP(sport=my_port, dport=port, flags="A", seq=answer.ack, ack=(answer.seq + 1) % 2**32)
    send(ack, verbose=False)
    send(ack, verbose=False)  # an ACK costs nothing, and one may get lost
    print(f"OK: {my_port} -> {port}")


handshake("scanme.nmap.org", 80)
