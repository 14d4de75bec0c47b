import os

os.write(1, b"\xff\xfe\x00 caf\xe9 \xed\xa0\x80 \xc3(\n")
raise SystemExit(1)
