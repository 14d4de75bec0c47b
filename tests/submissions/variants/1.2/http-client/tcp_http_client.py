"""Exercise 1.2 with the standard library's client."""

import http.client
import sys

connection = http.client.HTTPConnection("httpbin.org", timeout=10)
try:
    connection.request("GET", "/get")
    response = connection.getresponse()
    print(response.status, response.reason)
    for name, value in response.getheaders():
        print(f"{name}: {value}")
    print()
    sys.stdout.flush()
    sys.stdout.buffer.write(response.read())
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"no response: {error!r}")
finally:
    connection.close()
