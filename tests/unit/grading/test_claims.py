"""What programs claim, in the words of programs of many kinds: good ones claim nothing false, bad ones do."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from pytest_netlab.grading.claims import claimed_connection, claimed_reply, told_of_failure, told_of_success

SHOW = """###[ IP ]###
  version   = 4
  id        = {id}
  proto     = icmp
  chksum    = {sum}
  src       = 8.8.8.8
  dst       = 10.77.0.2
###[ ICMP ]###
     type      = {type}
     code      = {code}
"""
QUOTE = """###[ IP in ICMP ]###
        src       = 10.77.0.2
        dst       = 8.8.8.8
###[ ICMP in ICMP ]###
           type      = echo-request
"""


class Ping(NamedTuple):
    """What a ping prints in its three runs."""

    answered: str
    silent: str
    unreachable: str

    @property
    def outputs(self) -> tuple[bytes, bytes, bytes]:
        """As bytes, in this order."""
        return self.answered.encode(), self.silent.encode(), self.unreachable.encode()


HONEST = {
    "published": Ping(
        "Response Received:\nSource: 8.8.8.8\n" + SHOW.format(id=51234, sum="0x4f1c", type="echo-reply", code=0),
        "No response received (timeout).\n",
        "Response Received:\nSource: 8.8.8.8\n"
        + SHOW.format(id=7, sum="0x1d2e", type="dest-unreach", code="host-unreachable")
        + QUOTE,
    ),
    "ping": Ping(
        "PING 8.8.8.8 (8.8.8.8) 56(84) bytes of data.\n64 bytes from 8.8.8.8: icmp_seq=1 ttl=64 time=0.043 ms\n\n"
        "--- 8.8.8.8 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n",
        "PING 8.8.8.8 (8.8.8.8) 56(84) bytes of data.\n\n"
        "--- 8.8.8.8 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n",
        "PING 8.8.8.8 (8.8.8.8) 56(84) bytes of data.\nFrom 8.8.8.8 icmp_seq=1 Destination Host Unreachable\n\n"
        "--- 8.8.8.8 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n",
    ),
    "windows": Ping(
        "Reply from 8.8.8.8: bytes=32 time<1ms TTL=64\n",
        "Request timed out.\n",
        "Reply from 8.8.8.8: Destination host unreachable.\n",
    ),
    "german": Ping(
        "Sende Echo-Anfrage an 8.8.8.8\nAntwort von 8.8.8.8 in 0,4 ms\n",
        "Sende Echo-Anfrage an 8.8.8.8\nKeine Antwort von 8.8.8.8\n",
        "Sende Echo-Anfrage an 8.8.8.8\n8.8.8.8 meldet: Ziel nicht erreichbar\n",
    ),
    "russian": Ping("Ответ от 8.8.8.8\n", "Нет ответа\n", "Узел 8.8.8.8: недоступен\n"),
    "chinese": Ping("收到来自 8.8.8.8 的回复\n", "请求超时\n", "目标不可达 8.8.8.8\n"),
    "table": Ping("8.8.8.8 up 1/1\n", "8.8.8.8 down 0/1\n", "8.8.8.8 down 0/1 type 3\n"),
    "only a number differs": Ping("8.8.8.8: 1 replies\n", "8.8.8.8: 0 replies\n", "8.8.8.8: 0 replies\n"),
    "bytes received": Ping(
        "8.8.8.8: 28 bytes in 0 ms\n", "8.8.8.8: 0 bytes in 2000 ms\n", "8.8.8.8: 0 bytes in 1 ms\n"
    ),
    "type and code": Ping("8.8.8.8 type=0 code=0\n", "8.8.8.8 -\n", "8.8.8.8 type=3 code=1\n"),
    "json": Ping(
        '{"target": "8.8.8.8", "reply": true, "source": "8.8.8.8", "rtt": 0.2}\n',
        '{"target": "8.8.8.8", "reply": false}\n',
        '{"target": "8.8.8.8", "reply": false, "error": "type 3"}\n',
    ),
    "yes or no": Ping(
        "Echo reply from 8.8.8.8: yes\n", "Echo reply from 8.8.8.8: no\n", "Echo reply from 8.8.8.8: no (type 3)\n"
    ),
    "expects": Ping(
        "Waiting for an echo reply from 8.8.8.8\nGot echo reply from 8.8.8.8\n",
        "Waiting for an echo reply from 8.8.8.8\nTime is up\n",
        "Waiting for an echo reply from 8.8.8.8\nGot type 3, expected an echo reply from 8.8.8.8\n",
    ),
    "scapy's chatter": Ping(
        "Begin emission\n\nFinished sending 1 packets\n.*\nReceived 2 packets, got 1 answers, remaining 0 packets\n"
        "IP / ICMP 8.8.8.8 > 10.77.0.2 echo-reply 0 / Padding\n",
        "Begin emission\n\nFinished sending 1 packets\n..\nReceived 2 packets, got 0 answers, remaining 1 packets\n"
        "nobody\n",
        "Begin emission\n\nFinished sending 1 packets\n*\nReceived 1 packets, got 1 answers, remaining 0 packets\n"
        "IP / ICMP 8.8.8.8 > 10.77.0.2 dest-unreach host-unreachable / IPerror / ICMPerror\n",
    ),
    "a traceback where nothing came": Ping(
        "Echo reply from 8.8.8.8\n",
        "Traceback (most recent call last):\n  print(f'Echo reply from {reply[IP].src}')\n"
        "TypeError: 'NoneType' object is not subscriptable\n",
        "ICMP error 3 from 8.8.8.8\n",
    ),
    "an error is as good as silence": Ping("8.8.8.8 lebt\n", "keine Antwort\n", "keine Antwort\n"),
    "colour and carriage returns": Ping(
        "\x1b[32m8.8.8.8\x1b[0m\r\r\n\x1b[1mreply from 8.8.8.8\x1b[0m\r\n",
        "8.8.8.8\r\nsilence\r\n",
        "8.8.8.8\r\nunreachable\r\n",
    ),
    "nothing but a reply is shown": Ping("8.8.8.8\n", "", ""),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_ping_claims_no_reply_that_did_not_come(name: str) -> None:
    answered, silent, unreachable = HONEST[name].outputs
    assert claimed_reply(silent, answered, unreachable) == ""
    assert claimed_reply(unreachable, answered, silent) == ""


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_ping_tells_the_source_of_the_reply(name: str) -> None:
    assert "8.8.8.8" in told_of_success(*HONEST[name].outputs)


def test_what_is_said_in_every_run_is_nothing_about_the_reply() -> None:
    banner = "PING 8.8.8.8, id 4711\n"
    told = told_of_success((banner + "alive\n").encode(), (banner + "dead\n").encode(), (banner + "error\n").encode())
    assert told == "alive"


SAME = "Sending to 8.8.8.8\nReply from 8.8.8.8, {} bytes, {} ms\n"


@pytest.mark.parametrize(
    ("ping", "silent", "unreachable"),
    [
        (Ping(SAME.format(28, 0.4), SAME.format(0, 2000.1), SAME.format(56, 0.3)), "", "Reply from 8.8.8.8, 56"),
        (Ping(SAME.format(28, 0.4), SAME.format(28, 2000.1), "error\n"), "Reply from 8.8.8.8, 28", ""),
        (Ping("8.8.8.8 vivant\n", "8.8.8.8 vivant\n", "8.8.8.8 vivant\n"), "8.8.8.8 vivant", "8.8.8.8 vivant"),
        (Ping("ответ от 8.8.8.8\n", "тишина\n", "ответ от 8.8.8.8\n"), "", "ответ от 8.8.8.8"),
        (
            Ping("Echo reply from 8.8.8.8: type 0\n", "timeout\n", "Echo reply from 8.8.8.8: type 3\n"),
            "",
            "Echo reply from 8.8.8.8: type 3",
        ),
        (
            Ping("Echo reply from 8.8.8.8, rtt 0.1\n", "Echo reply from 8.8.8.8, rtt -\n", "type 3\n"),
            "Echo reply from 8.8.8.8, rtt -",
            "",
        ),
        (Ping("8.8.8.8 is alive (0)\n", "timeout\n", "8.8.8.8 is alive (3)\n"), "", "8.8.8.8 is alive (3)"),
        (
            Ping(
                "*\nReceived 1 packets, got 1 answers, remaining 0 packets\n8.8.8.8 ist da\n",
                "...\nReceived 3 packets, got 0 answers, remaining 1 packets\n8.8.8.8 ist da\n",
                "Fehler\n",
            ),
            "8.8.8.8 ist da",
            "",
        ),
        (
            Ping(
                "Reply from 8.8.8.8: b'E\\x00\\x00\\x1c\"'\n", "timeout\n", "Reply from 8.8.8.8: b'E\\x00\\x008\\xff'\n"
            ),
            "",
            "Reply from 8.8.8.8: b'E",
        ),
    ],
)
def test_a_false_ping_is_found_out(ping: Ping, silent: str, unreachable: str) -> None:
    answered, without, error = ping.outputs
    assert claimed_reply(without, answered, error).startswith(silent)
    assert claimed_reply(error, answered, without).startswith(unreachable)
    assert bool(claimed_reply(without, answered, error)) == bool(silent)
    assert bool(claimed_reply(error, answered, without)) == bool(unreachable)


DONE = "Manual handshake completed successfully\n"


@pytest.mark.parametrize(
    ("connected", "refused", "silent"),
    [
        (DONE, "Unexpected answer: handshake failed\n", "No SYN-ACK received: handshake failed\n"),
        ("Connected from port 51234\n", "refused\n", "nothing\n"),
        ("SYN sent\nACK sent\n", "SYN sent\nRST\n", "SYN sent\n"),
        ("Handshake successful: True\n", "Handshake successful: False\n", "Handshake successful: False\n"),
        ("success=1\n", "success=0\n", "success=0\n"),
        ("Trying to get a connection established\nESTABLISHED\n", "Trying to get a connection established\nRST\n", ""),
        ("SYN\ndone\nTest complete\n", "SYN\nrefused\nTest complete\n", "SYN\nsilence\nTest complete\n"),
        ("Verbindung hergestellt\n", "Verbindung nicht hergestellt\n", "Keine Verbindung hergestellt\n"),
        ("", "", ""),
        ("", "refused\n", "timeout\n"),
    ],
)
def test_an_honest_handshake_claims_no_connection(connected: str, refused: str, silent: str) -> None:
    assert claimed_connection(refused.encode(), connected.encode(), silent.encode()) == ""
    assert claimed_connection(silent.encode(), connected.encode(), refused.encode()) == ""


@pytest.mark.parametrize(
    ("connected", "refused", "silent", "claim"),
    [
        (DONE, DONE, "failed\n", DONE.strip()),
        ("got SA\n" + DONE, "got RA\n" + DONE, "got None\n" + DONE, DONE.strip()),
        ("SYN 4711\nfertig\n", "SYN 4712\nfertig\n", "Zeit um\n", "fertig"),
        ("got SA\nConnection established!\n", "got RA\nConnection established!\n", "no\n", "Connection established!"),
    ],
)
def test_a_false_handshake_is_found_out(connected: str, refused: str, silent: str, claim: str) -> None:
    assert claimed_connection(refused.encode(), connected.encode(), silent.encode()) == claim


def test_what_a_failure_says_is_what_no_other_run_says() -> None:
    assert told_of_failure(b"SYN 1\nrefused\n", b"SYN 1\nconnected\n") == "refused"
    assert told_of_failure(b"SYN to port 80\n", b"SYN to port 80\nconnected\n") == ""
    assert told_of_failure(b"port 4711\n", b"port 4712\n") == ""


def test_the_exit_status_tells_failure_too() -> None:
    assert claimed_connection(b"SYN sent\n", b"SYN sent\n", b"", told_apart=True) == ""
    assert claimed_connection(b"SYN sent\n", b"SYN sent\n", b"") == "SYN sent"
    assert claimed_connection(DONE.encode(), DONE.encode(), b"", told_apart=True) == DONE.strip()


def test_an_address_of_ipv6_stays_and_its_reply_is_a_claim() -> None:
    answered = b"resolved in 3 ms\nEcho reply from fd00:77::1 id 41\n"
    assert told_of_success(answered, b"Silence\n") == "resolved in 3 ms\nEcho reply from fd00:77::1 id 41"
    silent = b"resolved in 2 ms, twice\nEcho reply from fd00:77::1 id 42\n"
    assert claimed_reply(silent, answered, b"Silence\n") == "Echo reply from fd00:77::1 id 42"
    assert claimed_reply(b"gave up\nEcho reply from fd00:77::9 id 42\n", answered, b"Silence\n") == ""
