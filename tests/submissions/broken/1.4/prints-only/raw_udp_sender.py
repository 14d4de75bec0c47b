print("Sent 31 bytes to 127.0.0.1:8000")
