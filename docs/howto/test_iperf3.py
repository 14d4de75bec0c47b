"""iperf3 measures over two connections: one to agree, one for the data."""

import re
from collections.abc import Callable

from pytest_netlab import Capture, Lab, Program

COOKIE_BYTES = 37
"""iperf3 names a test by a cookie of 36 characters and a NUL, first thing on every connection."""


def test_control_and_data(lab: Lab, run_program: Callable[..., Program], wire: Capture) -> None:
    run_program("iperf3", "--server", "--one-off")
    lab.student.await_port("tcp", 5201)
    client = run_program("iperf3", "-c", lab.student.address, "-n", "64K", "-l", "4K", host=lab.internet)
    assert client.wait(30)
    assert client.status == 0, client.output

    control, data = wire.tcp_streams.to(5201)
    cookie = control.client_bytes[:COOKIE_BYTES]
    assert cookie.endswith(b"\0")
    assert data.client_bytes[:COOKIE_BYTES] == cookie
    assert b'"tcp":true' in control.client_bytes.replace(b" ", b"")  # what it asks for, as JSON
    assert data.client_gap == 0
    assert data.server_bytes == b""
    on_the_wire = len(data.client_bytes) - COOKIE_BYTES
    assert told(control.client_bytes) >= 64 << 10
    assert told(control.client_bytes) >= on_the_wire >= told(control.server_bytes)


def told(results: bytes) -> int:
    """How much one side claims to have sent or received, in the results that it gives the other."""
    found = re.search(rb'"bytes":\s*(\d+)', results)
    assert found, results
    return int(found[1])
