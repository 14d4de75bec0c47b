"""1.2  HTTP over a plain TCP socket.

Connect to httpbin.org, TCP port 80, and write a GET request for /get by hand: request line, Host, Connection: close,
an empty line. Read until the server closes, however the bytes come, print the response, and close.

Hint: every line of the request ends in \\r\\n, the empty one too; recv() returns b"" when the server has closed.
"""


def main() -> None:
    # 1. Connect. 2. Send the request, all of it. 3. Receive until the end. 4. Print, and close.
    raise SystemExit("tcp_http_client is still to be written")


if __name__ == "__main__":
    main()
