print("From 127.0.0.1: version 2, type 1, length 22 (correct), payload: This is my custom data")
