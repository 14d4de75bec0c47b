"""A lab: two hosts, their addresses and names, a cable that is silent and honest, and no way out."""

from __future__ import annotations

import errno
import select
import socket
import struct

import pytest

from pytest_netlab import Capture, HarnessFault, Host, Lab
from pytest_netlab.lab.addresses import NAMES
from pytest_netlab.traffic.craft import tcp
from pytest_netlab.wire import Checksum
from tests.lab.conftest import Inside

CLOSED = 4711
OUTSIDE = ("192.0.2.1", 80)
SO_LINGER_AT_ONCE = struct.pack("ii", 1, 0)


def udp_socket(host: Host, address: str = "") -> socket.socket:
    made = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address or host.address, 0))
    made.settimeout(10)
    return made


def ping_pong(lab: Lab) -> None:
    """A datagram there and one back: whatever either kernel had to send before is on the wire by then."""
    student, internet = udp_socket(lab.student), udp_socket(lab.internet)
    student.sendto(b"ping", internet.getsockname())
    assert internet.recvfrom(100) == (b"ping", student.getsockname())
    internet.sendto(b"pong", student.getsockname())
    assert student.recvfrom(100) == (b"pong", internet.getsockname())


def table(host: Host, name: str) -> list[list[str]]:
    """The rows of a table under /proc/net, without its heading."""
    return [line.split() for line in host.read_net(name).decode().splitlines()[1:]]


@pytest.fixture
def listener(lab: Lab) -> socket.socket:
    """A TCP server on all addresses of the internet host."""
    made = lab.internet.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.bind(("", 80))
    made.listen()
    made.settimeout(10)
    return made


def test_hosts_are_what_they_say(lab: Lab) -> None:
    assert (lab.student.name, lab.student.address, lab.student.address6) == ("student", "10.77.0.2", "fd00:77::2")
    assert (lab.internet.name, lab.internet.address, lab.internet.address6) == ("internet", "10.77.0.1", "fd00:77::1")
    assert repr(lab.student) == "<Host student 10.77.0.2>"
    assert lab.student.mac != lab.internet.mac


@pytest.mark.parametrize("address", ["10.77.0.1", "8.8.8.8", "10.77.0.80", "10.77.0.81"])
def test_student_reaches_every_address_of_the_internet(lab: Lab, listener: socket.socket, address: str) -> None:
    client = lab.student.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect((address, 80))
    accepted, source = listener.accept()
    with accepted:
        assert source == (lab.student.address, client.getsockname()[1])
        assert accepted.getsockname() == (address, 80)


def test_hosts_reach_each_other_over_ipv6(lab: Lab) -> None:
    ends = []
    for host in (lab.student, lab.internet):
        ends.append(host.socket(socket.AF_INET6, socket.SOCK_DGRAM))
        ends[-1].bind((host.address6, 0))
        ends[-1].settimeout(10)
    ends[0].sendto(b"six", ends[1].getsockname())
    assert ends[1].recvfrom(100)[0] == b"six"


@pytest.mark.parametrize(("name", "address"), [*NAMES.items(), ("localhost", "127.0.0.1"), ("student", "10.77.0.2")])
def test_names_resolve_without_a_name_server(inside: Inside, name: str, address: str) -> None:
    assert inside(f"tell(socket.gethostbyname({name!r}))") == address


def test_other_names_do_not_resolve(inside: Inside) -> None:
    snippet = """
try:
    tell(socket.gethostbyname("example.com"))
except socket.gaierror as error:
    tell(error.errno)
"""
    assert inside(snippet) in (socket.EAI_AGAIN, socket.EAI_NONAME)


def test_program_lives_on_the_host_student(inside: Inside) -> None:
    assert inside("tell([socket.gethostname(), sorted(name for _, name in socket.if_nameindex())])") == [
        "student",
        ["eth0", "lo"],
    ]


def test_each_host_has_its_loopback_and_its_end_of_the_cable(lab: Lab) -> None:
    for host in (lab.student, lab.internet):
        assert sorted(row[0] for row in table(host, "dev")[1:]) == ["eth0:", "lo:"]


def test_student_sends_everything_else_to_the_internet_host(lab: Lab) -> None:
    gateways = [row[2] for row in table(lab.student, "route") if row[1] == "00000000"]
    assert gateways == [struct.pack("<I", int.from_bytes(socket.inet_aton(lab.internet.address), "big")).hex().upper()]


def test_internet_host_has_no_route_out_and_forwards_nothing(lab: Lab) -> None:
    assert [row for row in table(lab.internet, "route") if row[1] == "00000000"] == []
    names, values = [line for line in lab.internet.read_net("snmp").decode().splitlines() if line.startswith("Ip:")]
    assert dict(zip(names.split(), values.split(), strict=True))["Forwarding"] == "2"  # RFC 4293: not-forwarding
    with pytest.raises(OSError, match="unreachable") as refused:
        lab.internet.socket(socket.AF_INET, socket.SOCK_STREAM).connect(OUTSIDE)
    assert refused.value.errno == errno.ENETUNREACH


def test_what_is_sent_outside_ends_at_the_internet_host(lab: Lab, wire: Capture) -> None:
    udp_socket(lab.student).sendto(b"out", OUTSIDE)
    ping_pong(lab)
    sent = wire.stop().udp.to(OUTSIDE[1], OUTSIDE[0]).only
    assert sent.interface == "eth0@internet"
    assert sent.ethernet.destination == lab.internet.mac


def test_machine_is_out_of_reach(lab: Lab) -> None:
    """A server on the machine's own 127.0.0.1 is not on the student's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), 10):
            pass
        for host in (lab.student, lab.internet):
            with pytest.raises(ConnectionRefusedError):
                host.socket(socket.AF_INET, socket.SOCK_STREAM).connect(server.getsockname())


def test_abstract_sockets_of_the_machine_are_out_of_reach(lab: Lab, inside: Inside) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("")  # the kernel chooses an abstract name
        server.listen()
        name = server.getsockname()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(name)
        snippet = f"tell(refused(lambda: socket.socket(socket.AF_UNIX).connect({name!r})))"
        assert inside(snippet) == "ECONNREFUSED"


def test_two_labs_do_not_meet(lab: Lab) -> None:
    from pytest_netlab.lab.client import shared_agent

    with shared_agent().lab() as other:
        for host in (lab.student, other.student):
            host.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("", 20000))
        ping_pong(lab)
        ping_pong(other)
        sender = udp_socket(other.internet)
        sender.sendto(b"hers", ("10.77.0.2", 20000))
        ping_pong(other)
        rows = [row for row in table(lab.student, "udp") if row[1].endswith(f":{20000:04X}")]
        assert [row[4].split(":")[1] for row in rows] == ["00000000"], "something is queued in the wrong lab"
        rows = [row for row in table(other.student, "udp") if row[1].endswith(f":{20000:04X}")]
        assert [row[4].split(":")[1] for row in rows] != ["00000000"]


def test_neighbours_are_fixed(lab: Lab) -> None:
    permanent = "0x6"  # ATF_COM | ATF_PERM, linux/if_arp.h
    rows = {row[0]: row for row in table(lab.student, "arp")}
    assert set(rows) >= {"10.77.0.1", "8.8.8.8", "10.77.0.80", "10.77.0.81"}
    assert {row[2] for row in rows.values()} == {permanent}
    assert {row[3] for row in rows.values()} == {lab.internet.mac}
    assert {row[0]: (row[2], row[3]) for row in table(lab.internet, "arp")} == {
        "10.77.0.2": (permanent, lab.student.mac)
    }


def test_a_reply_does_not_move_a_neighbour(lab: Lab) -> None:
    """ARP poisoning: a reply that claims the internet host's address for another machine."""
    packet = lab.student.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    packet.bind(("eth0", 0))
    liar = bytes.fromhex("02bad0bad0ba")
    claim = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 2, liar, socket.inet_aton("10.77.0.2"), liar, bytes(4))
    packet.send(b"\xff" * 6 + liar + b"\x08\x06" + claim)
    ping_pong(lab)
    assert {row[0]: row[3] for row in table(lab.internet, "arp")} == {"10.77.0.2": lab.student.mac}


def test_nobody_speaks_unasked(lab: Lab, wire: Capture) -> None:
    ping_pong(lab)
    assert [bytes(packet.udp.payload) for packet in wire.stop().packets] == [b"ping", b"pong"]


def test_datagrams_are_cut_where_the_wire_says(lab: Lab, wire: Capture) -> None:
    student, internet = udp_socket(lab.student), udp_socket(lab.internet)
    student.sendto(bytes(63_000), internet.getsockname())
    assert len(internet.recv(65_535)) == 63_000
    frames = wire.stop().frames
    assert len(frames) == -(-63_008 // 1480)
    assert max(len(frame.data) for frame in frames) == 1514


def test_segments_are_cut_and_summed_as_on_the_wire(lab: Lab, wire: Capture, listener: socket.socket) -> None:
    client = lab.student.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect((lab.internet.address, 80))
    accepted, _ = listener.accept()
    with accepted:
        accepted.settimeout(10)
        client.sendall(bytes(63_000))
        client.shutdown(socket.SHUT_WR)
        while accepted.recv(65_536):
            pass
    recording = wire.stop()
    assert max(len(frame.data) for frame in recording.frames) == 1514
    assert len(recording.tcp_streams.only.client_bytes) == 63_000  # a busy machine may send some of it twice
    assert {packet.tcp.checksum_state for packet in recording.tcp} == {Checksum.GOOD}
    assert {packet.ip.checksum_state for packet in recording.tcp} == {Checksum.GOOD}


def knock(lab: Lab) -> int:
    """A SYN from the internet host to a closed port of the student; what came of it so far."""
    knocking = lab.internet.socket(socket.AF_INET, socket.SOCK_STREAM)
    knocking.setblocking(False)
    assert knocking.connect_ex((lab.student.address, CLOSED)) == errno.EINPROGRESS
    ping_pong(lab)
    return knocking.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def test_kernel_resets_what_nobody_expects(lab: Lab, wire: Capture) -> None:
    assert knock(lab) == errno.ECONNREFUSED
    assert [packet.tcp.flags for packet in wire.stop().tcp] == ["S", "RA"]


def test_kernel_resets_can_be_suppressed(lab: Lab, wire: Capture) -> None:
    lab.suppress_kernel_resets()
    assert knock(lab) == 0
    assert [packet.tcp.flags for packet in wire.stop().tcp] == ["S"]


def test_a_reset_of_the_programs_own_is_not_suppressed(lab: Lab, wire: Capture, listener: socket.socket) -> None:
    """From a raw socket, and from an ordinary connection that is cut (RFC 9293 §3.10.7)."""
    lab.suppress_kernel_resets()
    raw = lab.student.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    segment = tcp(lab.student.address, lab.internet.address, CLOSED, 81, flags="R", sequence=7)
    raw.sendto(segment, (lab.internet.address, 0))
    client = lab.student.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect((lab.internet.address, 80))
    accepted, _ = listener.accept()
    with accepted:
        accepted.settimeout(10)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, SO_LINGER_AT_ONCE)
        client.close()
        with pytest.raises(ConnectionResetError):
            accepted.recv(1)
    resets = wire.stop().tcp.where(lambda packet: packet.tcp.rst)
    assert [(int(packet.tcp.dst_port), packet.tcp.flags) for packet in resets] == [(81, "R"), (80, "RA")]
    assert {str(packet.ip.source) for packet in resets} == {lab.student.address}


def test_echo_requests_are_answered_until_they_are_not(lab: Lab) -> None:
    def echo() -> bool:
        pinger = lab.internet.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        pinger.sendto(struct.pack("!BBHHH", 8, 0, 0xF7FE, 0, 1), (lab.student.address, 0))
        ping_pong(lab)
        answer = select.select([pinger], [], [], 0)[0]
        return bool(answer) and pinger.recv(1500)[20] == 0

    assert echo()
    lab.answer_echo(lab.student, False)
    assert not echo()


def test_sockets_end_with_the_lab(lab: Lab) -> None:
    from pytest_netlab.lab.client import shared_agent

    with shared_agent().lab() as other:
        made = other.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
        assert made.fileno() >= 0
    assert made.fileno() == -1


def test_an_impossible_socket_is_an_error_and_the_lab_lives_on(lab: Lab) -> None:
    with pytest.raises(OSError, match="not supported") as refused:
        lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_TCP)
    assert refused.value.errno == errno.EPROTONOSUPPORT
    ping_pong(lab)


@pytest.mark.parametrize("name", ["../1/environ", "nothing", ""])
def test_only_tables_can_be_read(lab: Lab, name: str) -> None:
    with pytest.raises((HarnessFault, FileNotFoundError), match=r"OpenNet|No such file"):
        lab.student.read_net(name)
    ping_pong(lab)


def test_program_and_test_share_the_student_host(lab: Lab, inside: Inside) -> None:
    with lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        here.settimeout(10)
        port = here.getsockname()[1]
        snippet = f"""
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"from inside", ("127.0.0.1", {port}))
tell(s.getsockname()[1])
"""
        source = inside(snippet)
        assert here.recvfrom(100) == (b"from inside", ("127.0.0.1", source))


def test_a_port_is_waited_for_and_who_is_there_instead_is_said(lab: Lab) -> None:
    with lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("", 5353))
        lab.student.await_port("udp", 5353)
        with pytest.raises(TimeoutError, match=r"udp port 53 of student within 0\.01 s; ports held: 5353"):
            lab.student.await_port("udp", 53, timeout_s=0.01)
    with lab.student.socket(socket.AF_INET6, socket.SOCK_STREAM) as server:
        server.bind(("::", 80))
        with pytest.raises(TimeoutError, match="ports held: none"):
            lab.student.await_port("tcp", 80, timeout_s=0)
        server.listen()
        lab.student.await_port("tcp", 80)
