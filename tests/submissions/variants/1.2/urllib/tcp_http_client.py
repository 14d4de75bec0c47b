"""Exercise 1.2 with urllib: prints what the server said, without its headers."""

import sys
import urllib.request

try:
    with urllib.request.urlopen("http://httpbin.org/get", timeout=10) as response:
        sys.stdout.buffer.write(response.read())
except OSError as error:
    sys.exit(str(error))
