from scapy.all import IP, TCP, RandShort, send, sr1

def manual_handshake(target_host, target_port):
    target_ip = socket.gethostbyname(target_host)
    source_port = RandShort()

    # Step 1: SYN
    ip = IP(dst=target_ip)
    syn = TCP(sport=source_port, dport=target_port, flags="S", seq=1000)
    print("Sending SYN...")
    synack = sr1(ip/syn, timeout=2, verbose=0)

    if synack is None:
        print("No SYN-ACK received: handshake failed")
        return

    if synack[TCP].flags == "SA":
        # Step 3: ACK
        print("Received SYN-ACK")
        ack = TCP(sport=source_port, dport=target_port, flags="A", seq=synack[TCP].ack, ack=synack[TCP].seq + 1)
        send(ip/ack, verbose=0)
        print("Manual handshake completed successfully")
    else:
        print("Unexpected answer: handshake failed")

if __name__ == "__main__":
    manual_handshake("scanme.nmap.org", 80)
