import os, signal, time

for _ in range(8):
    if os.fork() == 0:
        held = bytearray(os.urandom(1 << 20)) * 40
        signal.pause()
time.sleep(60)
