print("Final counts: HTTP: 12, DNS: 12, ICMP: 11, TCP: 26, UDP: 6, Other IP: 4")
