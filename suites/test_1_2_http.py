"""Exercise 1.2: HTTP over a plain TCP socket.

The client connects to httpbin.org, port 80, sends a GET for /get that it has put together by hand, reads until
the response is complete, prints it, and closes.
"""

from __future__ import annotations

import pytest

from pytest_netlab import (
    Evidence,
    Exercise,
    SentRequest,
    Stage,
    Streams,
    TcpStream,
    sent_request,
    shows_despite_progress,
)

SERVER = (80, "10.77.0.80")
LIMIT_S = 15
LARGE = 1048576
HOSTS = (b"httpbin.org", b"httpbin.org:80")
TARGETS = (b"/get", b"http://httpbin.org/get", b"http://httpbin.org:80/get")
VERSIONS = (b"HTTP/1.1", b"HTTP/1.0")

exercise = Exercise("1.2", "HTTP over a plain TCP socket")
client = exercise.program("tcp_http_client", ground="http-connects")


@client.scenario(loopback=False)
def one_segment(stage: Stage) -> None:
    """The response comes in one segment."""
    stage.fetch("one_segment", LIMIT_S)


@client.scenario(loopback=False)
def dribbled(stage: Stage) -> None:
    """Each byte of the response comes in a segment of its own, with a pause of a second in between."""
    stage.fetch("dribble", LIMIT_S, until_shown=True)


@client.scenario(loopback=False)
def large(stage: Stage) -> None:
    """The response has a body of 1 MiB."""
    stage.fetch("large", LIMIT_S, until_shown=True)


@client.scenario(loopback=False)
def server_closes_first(stage: Stage) -> None:
    """The response has no Content-Length; the server's FIN is on its last segment."""
    stage.fetch("server_closes_first", LIMIT_S)


@client.scenario(loopback=False)
def not_utf8(stage: Stage) -> None:
    """The body holds bytes that are no UTF-8, and a segment ends within a character."""
    stage.fetch("not_utf8", LIMIT_S, until_shown=True)


@client.scenario(loopback=False)
def empty(stage: Stage) -> None:
    """The server reads the request and closes without a byte."""
    stage.fetch("empty", LIMIT_S)


@client.scenario(loopback=False)
def refused(stage: Stage) -> None:
    """Nobody listens at port 80."""
    stage.start()
    stage.await_end(LIMIT_S)


@pytest.fixture
def connections(one_segment: Evidence) -> Streams:
    """The client's connections to the server."""
    return one_segment.packets.tcp_streams.to(*SERVER)


@pytest.fixture
def connection(connections: Streams) -> TcpStream:
    """The connection on which the client says something."""
    return next((stream for stream in connections if stream.client_bytes), connections.first)


@pytest.fixture
def request_sent(connection: TcpStream) -> SentRequest:
    """What the client says there."""
    return sent_request(connection)


@pytest.fixture
def large_response(large: Evidence) -> TcpStream:
    """The connection on which a body of 1 MiB comes."""
    streams = large.packets.tcp_streams.to(*SERVER)
    return next((stream for stream in streams if stream.server_bytes), streams.first)


@client.must(
    "http-connects",
    reference="RFC 9293 §3.5",
    hint='socket(AF_INET, SOCK_STREAM), then connect(("httpbin.org", 80)).',
)
def test_connects(connections: Streams, one_segment: Evidence) -> None:
    """The client opens a TCP connection to port 80 of httpbin.org (10.77.0.80): SYN, SYN-ACK, ACK."""
    assert connections, f"none; on the wire: {one_segment.packets.overview}; it {one_segment.ending}"
    assert connections.first.handshake, f"the connection got no further than {' '.join(connections.first.flags)}"
    assert connections.first.handshake.problems == []


@client.must(
    "http-sends",
    reference="RFC 9112 §2.1",
    hint="A server says nothing before it is asked: sendall() the request, as bytes.",
)
def test_sends_a_request(connection: TcpStream, one_segment: Evidence) -> None:
    """The client sends a request on this connection, as its first word."""
    assert connection.client_bytes, f"not a byte; {' '.join(connection.flags)}; it {one_segment.ending}"


@client.must(
    "http-crlf",
    builds_on="http-sends",
    reference="RFC 9112 §2.2",
    hint="In most languages that is \\r\\n. Look for 0a without 0d before it.",
)
def test_lines_end_with_crlf(request_sent: SentRequest) -> None:
    """Every line of the request ends with CR LF (0d 0a)."""
    assert request_sent.ends == (b"\r\n",) * len(request_sent.ends)


@client.must(
    "http-request-line",
    builds_on="http-sends",
    points=2,
    reference="RFC 9112 §3",
    hint="Three words with one blank between them: method, target, version.",
)
def test_request_line(request_sent: SentRequest) -> None:
    """The request line asks for /get with GET, and names HTTP/1.1 or HTTP/1.0."""
    assert request_sent.method == b"GET"
    assert request_sent.target in TARGETS
    assert request_sent.version in VERSIONS


@client.must(
    "http-empty-line",
    builds_on="http-sends",
    reference="RFC 9112 §2.1",
    hint="The server waits until it has seen the line that ends the headers.",
)
def test_empty_line(request_sent: SentRequest) -> None:
    """The request's last line is empty: its last bytes are CR LF CR LF (0d 0a 0d 0a)."""
    last = request_sent.data[-8:].hex(" ") or "nothing"
    assert request_sent.complete, f"no empty line in {len(request_sent.data)} bytes, of which the last are {last}"


@client.must(
    "http-nothing-behind",
    builds_on=("http-empty-line", "http-crlf"),
    reference="RFC 9112 §6",
    hint="This request has no body: what does your program send behind the headers?",
)
def test_nothing_behind_the_empty_line(request_sent: SentRequest) -> None:
    """Nothing follows the empty line (0d 0a 0d 0a)."""
    assert request_sent.behind == b""


@client.must(
    "http-host",
    builds_on=("http-request-line", "http-empty-line"),
    reference="RFC 9112 §3.2; RFC 9110 §7.2",
    hint="One server may hold many sites: the header names the one you want. No blank stands before the colon.",
)
def test_host(request_sent: SentRequest) -> None:
    """The Host header is httpbin.org, and a request of HTTP/1.1 has it."""
    hosts = request_sent.values("Host")
    named = b", ".join(request_sent.lines[1:]).decode("latin-1") or "no header at all"
    needs_none = request_sent.version == b"HTTP/1.0"
    assert hosts or needs_none, f"no Host header; there is {named}"
    assert len(hosts) <= 1, f"{len(hosts)} of them: {named}"
    host = hosts[0] if hosts else HOSTS[0]
    assert host.lower() in HOSTS or host in HOSTS


@client.should(
    "http-host-in-1-0",
    builds_on="http-host",
    reference="RFC 9112 §3.2",
    hint="HTTP/1.0 does not demand it, but a server with many sites needs it.",
)
def test_host_in_http_1_0(request_sent: SentRequest) -> None:
    """A request of HTTP/1.0 has a Host header, too."""
    assert request_sent.values("Host"), "no Host header"


@client.must(
    "http-asks-close",
    builds_on="http-empty-line",
    reference="RFC 9112 §9.6 and §6.3",
    hint="A server that speaks HTTP/1.1 keeps the connection open unless it is told otherwise. Who ends yours?",
)
def test_asks_for_the_end_or_ends_it(request_sent: SentRequest, one_segment: Evidence) -> None:
    """The client asks for the connection's end (Connection: close, or HTTP/1.0), or it ends it by itself."""
    asked = request_sent.asks_for_close
    assert asked or one_segment.closed, f"no Connection: close, and no FIN from the client; it {one_segment.ending}"


@client.must(
    "http-one-segment",
    builds_on="http-asks-close",
    points=2,
    reference="Exercise 1.2",
    hint="Print what you have received, the body included.",
)
def test_prints_the_response(one_segment: Evidence) -> None:
    """A response that comes in one segment is printed to its end."""
    shown = shows_despite_progress(one_segment.output, one_segment.marker.encode())
    assert shown, f"the page ends in {one_segment.marker}, and the output ({len(one_segment.output)} bytes) does not"


@client.must(
    "http-closes",
    builds_on="http-one-segment",
    reference="RFC 9293 §3.6",
    hint="A socket that is closed with unread data, or with a linger time of 0, resets the connection.",
)
def test_closes_orderly(connection: TcpStream) -> None:
    """The client ends the connection with FIN, and sends no RST."""
    assert connection.resets.where(connection.is_from_client) == []
    assert connection.fins.where(connection.is_from_client), f"no FIN: {' '.join(connection.flags)}"


@client.must(
    "http-ends",
    builds_on="http-asks-close",
    reference="Exercise 1.2",
    hint="The response is complete: what does the client wait for?",
)
def test_ends(one_segment: Evidence, server_closes_first: Evidence) -> None:
    """The client ends by itself within 15 s, with Content-Length in the response and without."""
    assert one_segment.ending.by_itself, f"it {one_segment.ending}"
    unbounded = server_closes_first.ending
    assert unbounded.by_itself, f"behind a response without Content-Length, ended by the server's FIN, it {unbounded}"


@client.must(
    "http-exit-status",
    builds_on="http-ends",
    reference="Exercise 1.2",
    hint="0 says that all went well. sys.exit() takes a number; anything else is printed, and the status is 1.",
)
def test_exit_status(one_segment: Evidence) -> None:
    """The client ends with exit status 0."""
    assert one_segment.ending.status == 0, f"it {one_segment.ending}"


@client.must(
    "http-dribbled",
    builds_on="http-one-segment",
    points=2,
    reference="RFC 9293 §3.8",
    hint="TCP is a stream of bytes: recv() returns what has come, not what will come. Call it until it returns b''. "
    "Silence is no end.",
)
def test_reads_a_dribbled_response(dribbled: Evidence) -> None:
    """A response that comes byte by byte, with a pause of a second, is read, and printed, to its end."""
    shown = shows_despite_progress(dribbled.output, dribbled.marker.encode())
    assert shown, f"the page ends in {dribbled.marker}, and the output ({len(dribbled.output)} bytes) does not"


@client.must(
    "http-large",
    builds_on="http-dribbled",
    points=2,
    reference="RFC 9293 §3.8",
    hint="How much is your program ready to read, and how much of that does it print?",
)
def test_reads_a_large_response(large: Evidence, large_response: TcpStream) -> None:
    """A body of 1 MiB (1048576 bytes) is read to its last byte: all of it is acknowledged, and its end printed."""
    head = large_response.server_bytes.find(b"\r\n\r\n") + 4
    body = large_response.acknowledged_by_client - head
    assert body == LARGE, f"{body} of the body's 1048576 bytes were acknowledged; it {large.ending}"
    assert shows_despite_progress(large.output, large.marker.encode()), (
        f"the body's last word, {large.marker}, is not in the output"
    )


@client.must(
    "http-server-closes-first",
    builds_on="http-dribbled",
    reference="RFC 9112 §6.3, item 8",
    hint="Without Content-Length the response ends where the server closes: recv() then returns no bytes.",
)
def test_reads_until_the_server_closes(server_closes_first: Evidence) -> None:
    """A response without Content-Length ends where the server closes, and is printed to its end."""
    shown = shows_despite_progress(server_closes_first.output, server_closes_first.marker.encode())
    assert shown, f"the page's last word, {server_closes_first.marker}, is not in the output"


@client.must(
    "http-not-utf8",
    builds_on="http-dribbled",
    reference="RFC 9110 §8.6; RFC 3629 §3",
    hint="Content-Length counts bytes, not characters. Decode all of it at once, with errors='replace'.",
)
def test_reads_what_is_no_utf8(not_utf8: Evidence) -> None:
    """A body with bytes that are not UTF-8, cut within a character, is read to its end (Content-Length: bytes)."""
    shown = shows_despite_progress(not_utf8.output, not_utf8.marker.encode())
    assert shown, f"the body's last word, {not_utf8.marker}, is not in the output; it {not_utf8.ending}"


@client.should(
    "http-refused",
    reference="RFC 9293 §3.5.2",
    hint="RST says that nobody listens there: asking again at once does not change it. Say so, and end.",
)
def test_refused(refused: Evidence) -> None:
    """A refused connection (RST) ends the client: cleanly, or with a message and a non-zero exit status."""
    assert refused.ending.by_itself, f"refused by RST {len(refused.packets.tcp_streams)} times, it {refused.ending}"
    assert refused.ending.status == 0 or refused.output.strip(), f"it {refused.ending}, without a word"


@client.should(
    "http-empty-response",
    builds_on=("http-server-closes-first", "http-ends"),
    reference="RFC 9112 §8",
    hint="recv() returns no bytes at the stream's end, also before the headers are complete.",
)
def test_empty_response(empty: Evidence) -> None:
    """A connection that is closed without a response ends the client: cleanly, or with a message and non-zero."""
    assert empty.ending.by_itself, f"it {empty.ending}"
    assert empty.ending.status == 0 or empty.output.strip(), f"it {empty.ending}, without a word"
