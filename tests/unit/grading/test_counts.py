"""Counts are read from whatever layout a program likes."""

from __future__ import annotations

import pytest

from pytest_netlab.grading.counts import CLASSES, read_counts
from pytest_netlab.grading.screen import Screen

NUMBERS = (3, 5, 7, 12, 9, 4)
RIGHT = dict(zip(CLASSES, NUMBERS, strict=True))

LAYOUTS = {
    "line": "HTTP: 3 | DNS: 5 | ICMP: 7 | TCP: 12 | UDP: 9 | Other IP: 4\n",
    "equals": "http=3 dns=5 icmp=7 tcp=12 udp=9 other=4",
    "blanks only": "HTTP 3   DNS 5   ICMP 7   TCP 12   UDP 9   Other 4",
    "no blanks": "HTTP:3,DNS:5,ICMP:7,TCP:12,UDP:9,Other:4",
    "commas": "HTTP,3,DNS,5,ICMP,7,TCP,12,UDP,9,OTHER_IP,4",
    "number first": "3 HTTP, 5 DNS, 7 ICMP, 12 TCP, 9 UDP, 4 other IP\n",
    "number first, a column": "   3 HTTP\n   5 DNS\n   7 ICMP\n  12 TCP\n   9 UDP\n   4 Other-IP\n",
    "another order": "Other IP: 4\nUDP: 9\nTCP: 12\nICMP: 7\nDNS: 5\nHTTP: 3\n",
    "dots": "HTTP ..... 3\nDNS ...... 5\nICMP ..... 7\nTCP ..... 12\nUDP ...... 9\nOther .... 4\n",
    "words": "HTTP requests seen: 3\nDNS packets: 5\nICMP messages: 7\nTCP segments: 12\nUDP datagrams: 9\nother: 4",
    "units": "HTTP 3pkts DNS 5pkts ICMP 7pkts TCP 12pkts UDP 9pkts Other 4pkts",
    "shares": "HTTP: 3 (7.5%)\nDNS: 5 (12.5%)\nICMP: 7 (17%)\nTCP: 12 (30%)\nUDP: 9 (23%)\nOther: 4 (10 %)\nAll: 40",
    "share first": "HTTP 7.5% (3)\nDNS 12% (5)\nICMP 17.5% (7)\nTCP 30% (12)\nUDP 22.5% (9)\nOther 10% (4)",
    "ports": "HTTP (80/8080): 3\nDNS (port 53): 5\nICMP: 7\nTCP (not HTTP): 12\nUDP (other): 9\nOther IP: 4\n",
    "ports, no brackets": "HTTP ports 80, 8080: 3\nDNS port 53: 5\nICMP: 7\nTCP: 12\nUDP: 9\nOther IP: 4\n",
    "bytes too": "HTTP: 3 packets, 1200 bytes\nDNS: 5 packets, 400 bytes\nICMP: 7 packets, 588 bytes\n"
    "TCP: 12 packets, 640 bytes\nUDP: 9 packets, 90 bytes\nOther: 4 packets, 80 bytes\n",
    "bars": "HTTP  ### 3\nDNS   ##### 5\nICMP  ####### 7\nTCP   ############ 12\nUDP   ######### 9\nOther #### 4\n",
    "underscores": "http_count=3\ndns_count=5\nicmp_count=7\ntcp_count=12\nudp_count=9\nother_ip_count=4\n",
    "prefixes": "num_http: 3, num_dns: 5, num_icmp: 7, num_tcp: 12, num_udp: 9, num_other: 4",
    "dictionary": "{'HTTP': 3, 'DNS': 5, 'ICMP': 7, 'TCP': 12, 'UDP': 9, 'Other IP': 4}\n",
    "Counter": "Counter({'TCP': 12, 'UDP': 9, 'ICMP': 7, 'DNS': 5, 'OTHER_IP': 4, 'HTTP': 3})\n",
    "json": '{"elapsed_s": 14, "HTTP": 3, "DNS": 5, "ICMP": 7, "TCP": 12, "UDP": 9, "Other IP": 4, "total": 40}\n',
    "compact json": '{"HTTP":3,"DNS":5,"ICMP":7,"TCP":12,"UDP":9,"other":4}',
    "indented json": '{"a": {\n  "HTTP": 3,\n  "DNS": 5,\n  "ICMP": 7,\n  "TCP": 12,\n  "UDP": 9,\n  "Other": 4\n}}\n',
    "grid": "+-------+----+\n| HTTP  |  3 |\n+-------+----+\n| DNS   |  5 |\n+-------+----+\n| ICMP  |  7 |\n"
    "+-------+----+\n| TCP   | 12 |\n+-------+----+\n| UDP   |  9 |\n+-------+----+\n| Other |  4 |\n+-------+----+\n",
    "box": "┌────┬───┐\n│HTTP│ 3 │\n│DNS │ 5 │\n│ICMP│ 7 │\n│TCP │12 │\n│UDP │ 9 │\n│Other│ 4│\n└────┴───┘",
    "two lines": "HTTP: 3  DNS: 5  ICMP: 7  TCP: 12\nUDP: 9  Other IP: 4\n",
    "heading": "  HTTP   DNS  ICMP   TCP   UDP  Other IP\n     3     5     7    12     9         4\n",
    "heading and rule": "HTTP | DNS | ICMP | TCP | UDP | Other\n-----+-----+------+----\n3 | 5 | 7 | 12 | 9 | 4\n",
    "heading, more columns": "time http dns icmp tcp udp other total\n  14    3   5    7  12   9     4    40\n",
    "csv": "HTTP,DNS,ICMP,TCP,UDP,OTHER\n0,0,0,0,1,0\n3,5,7,12,9,4\n",
    "names in German": "HTTP: 3, DNS: 5, ICMP: 7, TCP: 12, UDP: 9, Andere: 4",
    "times before": "[12:00:14] HTTP: 3 DNS: 5 ICMP: 7 TCP: 12 UDP: 9 Other: 4 (14 s of 60)\n",
    "tabs": "HTTP\t3\nDNS\t5\nICMP\t7\nTCP\t12\nUDP\t9\nOther IP\t4\n",
    "colours": "\x1b[1;32mHTTP\x1b[0m: \x1b[33m3\x1b[0m DNS: 5 ICMP: 7 TCP: 12 UDP: 9 \x1b[31mOther\x1b[0m: 4",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layout(layout: str) -> None:
    assert read_counts(layout.encode()) == RIGHT


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layout_below_a_banner_and_an_older_one(layout: str) -> None:
    older = "".join("1" if letter in "345679" else letter for letter in layout)
    banner = "Counting HTTP, DNS, ICMP, TCP, UDP and Other IP for 60 s, Ctrl-C ends it\n"
    assert read_counts(f"{banner}\n{older}\n\n\n{layout}".encode()) == RIGHT


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layout_redrawn_from_the_top(layout: str) -> None:
    older = "".join("1" if letter in "345679" else letter for letter in layout)
    home, clear = "\x1b[H", "\x1b[2J"
    assert read_counts(f"{home}{clear}{older}{home}{clear}{layout}".encode()) == RIGHT


LINE = "HTTP: {} DNS: {} ICMP: {} TCP: {} UDP: {} Other: {}"
REDRAWN = {
    "carriage return": "\r" + LINE.format(0, 0, 0, 0, 1, 0) + "\r" + LINE.format(*NUMBERS),
    "carriage return behind": LINE.format(0, 0, 0, 0, 1, 0) + "\r" + LINE.format(*NUMBERS) + "\r",
    "erased line": "\x1b[2K\r" + LINE.format(0, 0, 0, 0, 1, 0) + "\x1b[2K\r" + LINE.format(*NUMBERS),
    "cursor up": "HTTP 0\nDNS 0\nICMP 0\nTCP 0\nUDP 1\nOther 0\n\x1b[6AHTTP 3\nDNS 5\nICMP 7\nTCP 12\nUDP 9\nOther 4\n",
    "saved cursor": "\x1b[s" + LINE.format(0, 0, 0, 0, 1, 0) + "\x1b[u" + LINE.format(*NUMBERS),
    "only what changed": "\x1b[2J\x1b[HHTTP   0\nDNS    0\nICMP   0\nTCP    0\nUDP    1\nOther  0\n"
    "\x1b[1;8H3\x1b[2;8H5\x1b[3;8H7\x1b[4;8H12\x1b[5;8H9\x1b[6;8H4\x1b[20;1H",
    "repeated blanks": "HTTP\x1b[8G0\x1b[H"
    + "\n".join(f"{n} \x1b[5b{v}" for n, v in zip(CLASSES, NUMBERS, strict=True)),
    "inserted blanks": LINE.format(*NUMBERS) + "\r\x1b[4@",
    "backspaces": LINE.format(0, 0, 0, 0, 0, 0) + "\b" * 80 + LINE.format(*NUMBERS),
    "values below a heading": "HTTP DNS ICMP TCP UDP Other\n   0   0    0   0   1     0\r   3   5    7  12   9     4",
    "alternate screen": "\x1b[?1049h\x1b[H" + LINE.format(0, 0, 0, 0, 1, 0) + "\x1b[?1049l" + LINE.format(*NUMBERS),
    "never a line end": LINE.format(0, 0, 0, 0, 1, 0) + "  " + LINE.format(*NUMBERS) + "  ",
    "one class a line": "UDP: 1\nTCP: 11\nHTTP: 3\nDNS: 5\nTCP: 12\nICMP: 7\nUDP: 8\nUDP: 9\nOther: 4\n",
    "a log between": LINE.format(0, 0, 0, 0, 1, 0)
    + "\nUDP 10.77.0.1:4000 > 10.77.0.2:5000\nTCP packet 60 bytes\n"
    + LINE.format(*NUMBERS)
    + "\nUDP packet 42 bytes\n",
}


@pytest.mark.parametrize("output", REDRAWN.values(), ids=REDRAWN)
def test_what_is_shown_last_counts(output: str) -> None:
    assert read_counts(output.encode()) == RIGHT


NO_COUNTS = {
    "nothing": "",
    "a banner": "Counting HTTP, DNS, ICMP, TCP, UDP and Other IP packets. Press Ctrl-C to stop.\n",
    "packets": "IP / TCP 10.77.0.1:4000 > 10.77.0.2:http PA / Raw\nIP / UDP / DNS Qry 10.0.0.1\n",
    "versions": "HTTP/1.1 200 OK\n",
    "https": "HTTPS: 4\n",
}


@pytest.mark.parametrize("output", NO_COUNTS.values(), ids=NO_COUNTS)
def test_no_counts(output: str) -> None:
    assert read_counts(output.encode()) == {}


def test_classes_that_are_not_shown_are_missing() -> None:
    assert read_counts(b"HTTP: 3 DNS: 5 ICMP: 7 TCP: 12 UDP: 9\n") == {
        name: RIGHT[name] for name in CLASSES if name != "Other IP"
    }


@pytest.mark.parametrize("output", (LAYOUTS | REDRAWN).values(), ids=LAYOUTS | REDRAWN)
def test_screen_is_the_same_however_the_output_is_cut(output: str) -> None:
    whole, bytewise = Screen(), Screen()
    whole.feed(output.encode())
    for byte in output.encode():
        bytewise.feed(bytes([byte]))
    assert [row.text for row in whole.rows] == [row.text for row in bytewise.rows]


@pytest.mark.parametrize(
    "output",
    [
        b"\x1b[999999999999999999999999C1",
        b"\x1b[9999999B1",
        b"\t" * 5000 + b"x",
        b"\x1b]0;title",
        b"\x1b\x01\x1b[\xff",
        b"\x9b\xfe\x1b[1;2;3",
    ],
)
def test_screen_survives_anything(output: bytes) -> None:
    screen = Screen()
    screen.feed(output)
    assert sum(len(row.text) for row in screen.rows) < 10_000
