"""The tolerant reader of requests: any bytes give a request."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_netlab.traffic.http import parse_request


@pytest.mark.parametrize(
    ("raw", "wants_close"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nconnection:  TE, Close \r\n\r\n", True),
        (b"GET / HTTP/1.1\nConnection: keep-alive\n\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", True),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", False),
        (b"GET /\r\n\r\n", True),
    ],
)
def test_who_closes(raw: bytes, wants_close: bool) -> None:
    assert parse_request(raw).wants_close is wants_close


@settings(database=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_request(raw: bytes) -> None:
    request = parse_request(raw)
    assert request.raw == raw
    assert isinstance(request.target, str)
    assert isinstance(request.wants_close, bool)
