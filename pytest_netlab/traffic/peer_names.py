"""The names by which users ask for peers, and what each stands for. `peers` brings them to life."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Echo = Literal["answer", "silent", "unreachable"]
Port = Literal["open", "closed", "silent"]


class Kind(NamedTuple):
    """What a name stands for.

    Attributes:
        text: one line for the user.
        port: TCP port 80 of both names.
        echo: what a ping to 8.8.8.8 comes to.
        page: a mode of the web server.
        student: what happens at the student's own host: `listen`, `answer`, `call` or `mix`.
    """

    text: str
    port: Port = "open"
    echo: Echo = "answer"
    page: str = "one_segment"
    student: str = ""


PEERS: Final[dict[str, Kind]] = {
    "closed": Kind("TCP port 80 refuses (RST); 8.8.8.8 is unreachable", "closed", "unreachable"),
    "silent": Kind("TCP port 80 and 8.8.8.8 answer nothing at all", "silent", "silent"),
    "unreachable": Kind("a ping to 8.8.8.8 is answered with destination unreachable", echo="unreachable"),
    "dribble": Kind("the web page comes byte by byte", page="dribble"),
    "large": Kind("the web page has 1 MiB", page="large"),
    "closes-first": Kind("the web server closes first, without Content-Length", page="server_closes_first"),
    "not-utf8": Kind("the web page holds bytes that are not UTF-8", page="not_utf8"),
    "empty": Kind("the web server closes without an answer", page="empty"),
    "listener": Kind("somebody listens on UDP 127.0.0.1:8000 and :12345, for a client of yours", student="listen"),
    "abcd": Kind("somebody answers ABCD on UDP 127.0.0.1:20000, for a client of yours", student="answer"),
    "clients": Kind("three datagrams come to UDP port 8000 or 20000 as soon as you bind it", student="call"),
    "traffic": Kind("a mix of HTTP, DNS, ICMP, TCP and UDP comes as soon as you sniff", student="mix"),
}
"""Every name, in the order in which users read them."""
