"""Further failures that the golden files show: one packet too many, a reset, no program, a hostile one, line ends."""

from __future__ import annotations

from pytest_netlab.grading.explain import Stated, compare, explain
from pytest_netlab.grading.explanation import Explanation
from tests.unit.report.failures import (
    INTERNET,
    NAMES,
    STUDENT,
    Clause,
    explained,
    missing,
    recorded,
    tcp,
    udp,
    unreachable,
)

REQUEST = b"GET /get HTTP/1.1\r\nHost: httpbin.org\n\r\n"


def one_too_many() -> Explanation:
    packets = recorded(udp(51234, 8000, b"Hello, World!"), udp(51234, 8000, b"Goodbye"))
    clause = Clause(
        "udp-client-once", "MUST", "The client sends exactly one datagram.", "Exercise 1.1", "One sendto()."
    )
    return explain(
        clause,
        missing(lambda: packets.udp.to(8000).only),
        packets,
        output=b"sent 2 datagrams\n",
        ending="the program ended by itself, exit status 0",
        assertion="assert sent.only",
    )


def reset() -> Explanation:
    packets = recorded(
        tcp((41508, 80), "S", 1000, 0),
        tcp((41508, 80), "SA", 5000, 1001, back=True),
        tcp((41508, 80), "A", 1001, 5001),
        tcp((41508, 80), "PA", 1001, 5001, REQUEST),
        tcp((41508, 80), "PA", 5001, 1001 + len(REQUEST), b"HTTP/1.1 200 OK\r\n\r\n", back=True),
        tcp((41508, 80), "RA", 1001 + len(REQUEST), 5001),
    )
    clause = Clause(
        "http-closes",
        "MUST",
        "The client ends the connection with FIN, and sends no RST.",
        "RFC 9293 §3.6",
        "A socket that is closed with unread data, or with a linger time of 0, resets the connection.",
    )
    found = compare("==", [packet for packet in packets if packet.tcp and packet.tcp.rst], [])
    told = "assert connection.resets.where(is_clients) == []"
    return explained(found, clause, packets, output=b"HTTP/1.1 200 OK\n", assertion=told)


def no_program() -> Explanation:
    clause = Clause("abcd-server-binds", "MUST", "The server binds UDP port 20000.", "RFC 768", 'bind(("", 20000))')
    looked_for = (
        "none found; looked for netlab.toml [programs] abcd_server, abcd_server.py, an executable file abcd_server"
    )
    return explain(clause, Stated("a program abcd_server", looked_for), recorded())


def hostile() -> Explanation:
    """A program that prints and sends what would act on a terminal or in the log of a CI, and much of it."""
    mark = b"\x1b[2J\x1b]0;owned\x07::error::owned\r\n##[add-mask]owned"
    sent = [udp(51234, 9999, mark, STUDENT, INTERNET) for _ in range(20)]
    packets = recorded(*(each for one in sent for each in (one, unreachable(one))))
    clause = Clause("udp-client-destination", "MUST", "The datagram goes to port 8000.", "Exercise 1.1", "Port 8000.")
    return explain(
        clause,
        missing(lambda: packets.udp.to(8000).only),
        packets,
        output=b"\n".join([mark + b"\x00\xff\xe2\x80\xae"] * 40) + b"\nlast line\n",
        ending="the program was still running after 10 s and was ended by the grader (SIGINT)",
        capture="captures/runs/udp-client-destination/capture.pcapng",
        assertion="assert sent.to(8000).only",
        names=NAMES,
    )


def line_ends() -> Explanation:
    packets = recorded(tcp((41508, 80), "S", 1000, 0), tcp((41508, 80), "PA", 1001, 5001, REQUEST))
    carried = packets[1].tcp
    assert carried is not None
    clause = Clause(
        "http-crlf",
        "MUST",
        "Every line of the request ends with CR LF (0d 0a).",
        "RFC 9112 §2.2",
        "In most languages that is \\r\\n. Look for 0a without 0d before it.",
    )
    ends = [carried.payload[17:19], carried.payload[36:37], carried.payload[37:39]]
    found = compare("==", ends, [b"\r\n"] * 3)
    return explained(found, clause, packets, assertion="assert request.line_ends == [CRLF] * len(request.lines)")
