"""Bytes in, values out: reading frames without sockets, files, clocks, pytest or Scapy.

The map, in reading order:

* `frame` is what a capture recorded: octets, number, time, interface, direction.
* `field` holds the values that remember their place in a frame, and `located` that asks them.
* `header` is how a protocol declares its fields; `udp` is the smallest example. Beside it stand
  `ethernet`, `cooked` and `link` (the other link layers), `arp`, `ipv4`, `ipv6`, `icmp`, `icmpv6`, `tcp`,
  `options`, and of the applications `dns` and `http`.
* `checksum` is RFC 1071 and the verdicts on a sum.
* `packet` puts the headers of one frame together: `dissect`.
* `flows` asks a recording for the packets that matter, and `missing` says what came closest.
* `stream` follows TCP conversations, and `sequence` puts their octets in order.

Parsers are strict, and give a value or a `WireError` for any octets; `dissect` never raises.
"""

from pytest_netlab.wire.arp import Arp, parse_arp
from pytest_netlab.wire.checksum import (
    Checksum,
    internet_checksum,
    ones_sum,
    pseudo_header4,
    pseudo_header6,
)
from pytest_netlab.wire.cooked import Cooked, Cooked2, parse_cooked, parse_cooked2
from pytest_netlab.wire.dns import Dns, Question, Record, parse_dns, parse_dns_over_tcp
from pytest_netlab.wire.ethernet import Ethernet, VlanTag, parse_ethernet
from pytest_netlab.wire.field import Address4, Address6, Bytes, Int, Located, Mac, Span, Text, located
from pytest_netlab.wire.flows import Datagrams, Exchange, Packets
from pytest_netlab.wire.frame import Direction, Frame
from pytest_netlab.wire.header import Field, Header
from pytest_netlab.wire.http import HttpLine, HttpRequest, HttpResponse, parse_http, starts_http
from pytest_netlab.wire.icmp import Icmp, parse_icmp
from pytest_netlab.wire.icmpv6 import Icmpv6, parse_icmpv6
from pytest_netlab.wire.ipv4 import Ipv4, parse_ipv4
from pytest_netlab.wire.ipv6 import Extension, Ipv6, parse_ipv6
from pytest_netlab.wire.link import Link, Loopback, parse_link, parse_loopback
from pytest_netlab.wire.missing import Missing
from pytest_netlab.wire.options import Option
from pytest_netlab.wire.packet import Packet, dissect
from pytest_netlab.wire.sequence import Assembly
from pytest_netlab.wire.stream import Endpoint, Handshake, Streams, TcpStream
from pytest_netlab.wire.tcp import Tcp, parse_tcp
from pytest_netlab.wire.udp import Udp, parse_udp

__all__ = [
    "Address4",
    "Address6",
    "Arp",
    "Assembly",
    "Bytes",
    "Checksum",
    "Cooked",
    "Cooked2",
    "Datagrams",
    "Direction",
    "Dns",
    "Endpoint",
    "Ethernet",
    "Exchange",
    "Extension",
    "Field",
    "Frame",
    "Handshake",
    "Header",
    "HttpLine",
    "HttpRequest",
    "HttpResponse",
    "Icmp",
    "Icmpv6",
    "Int",
    "Ipv4",
    "Ipv6",
    "Link",
    "Located",
    "Loopback",
    "Mac",
    "Missing",
    "Option",
    "Packet",
    "Packets",
    "Question",
    "Record",
    "Span",
    "Streams",
    "Tcp",
    "TcpStream",
    "Text",
    "Udp",
    "VlanTag",
    "dissect",
    "internet_checksum",
    "located",
    "ones_sum",
    "parse_arp",
    "parse_cooked",
    "parse_cooked2",
    "parse_dns",
    "parse_dns_over_tcp",
    "parse_ethernet",
    "parse_http",
    "parse_icmp",
    "parse_icmpv6",
    "parse_ipv4",
    "parse_ipv6",
    "parse_link",
    "parse_loopback",
    "parse_tcp",
    "parse_udp",
    "pseudo_header4",
    "pseudo_header6",
    "starts_http",
]
