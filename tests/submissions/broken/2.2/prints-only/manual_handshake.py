print("Sending SYN...\nReceived SYN-ACK\nManual handshake completed successfully")
