from scapy.all import IP, ICMP, sr1

def ping_with_scapy():
    # Build the packet layer by layer
    ip_layer = IP(dst="8.8.8.8")
    icmp_layer = ICMP()
    packet = ip_layer / icmp_layer

    print("Packet to send:")
    packet.show()

    # Send one packet and wait for one response
    response = sr1(packet, timeout=2, verbose=0)

    if response:
        print("\nResponse Received:")
        print(f"Source: {response[IP].src}")
        response.show()
    else:
        print("No response received (timeout).")

if __name__ == "__main__":
    ping_with_scapy()
