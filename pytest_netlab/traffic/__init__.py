"""What acts in the lab: peers that answer programs, and senders that tests act with.

    waiting        a wait that ends with data, with a program, or with a deadline
    destinations   nothing goes anywhere but into the lab
    peer           a thread over sockets that stops when told to, and tells what went wrong
    closing        what is closed at the end of a `with` block
    udp, tcp       servers with a behaviour; plain sockets, `tcp_client`
    http           the web server of exercise 1.2
    icmp           echo: answered, silent, unreachable (2.1)
    handshake      an open, closed or silent TCP port, and who was accepted (2.2)
    craft, mix     packets by hand, and the known mix of 2.3
    raw            raw IP and Ethernet sockets
    scapy_bridge   the one module that imports Scapy, and only when it is used

Everything works over sockets that a host of the lab made. The test process stays where it is and who it is.
"""
