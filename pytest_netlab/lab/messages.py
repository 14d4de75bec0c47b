"""What the test process and the lab's processes say to each other.

One request, one reply, over a Unix SOCK_SEQPACKET pair that both inherited: nothing listens anywhere. File
descriptors travel beside a message (SCM_RIGHTS). Every message is a msgspec structure in MessagePack.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Final

import msgspec

_LARGEST: Final = 1 << 17
_MOST_DESCRIPTORS: Final = 8

HostName = str
"""`"student"`, `"internet"`, the relayed `"cable"`, or a host that was added."""


class Message(msgspec.Struct, tag_field="message", tag=True, frozen=True):
    """Base of all messages."""


class NewLab(Message, frozen=True):
    """To the agent: make a lab; its keeper will answer on the descriptor sent along.

    `relayed` cuts the cable in the middle: somebody has to carry its frames (`traffic.link`).
    """

    relayed: bool = False


class KeepWarm(Message, frozen=True):
    """To the agent: start the warm interpreter, for programs with this environment, for the labs made from now on."""

    environment: dict[str, str]


class OpenSocket(Message, frozen=True):
    """To a keeper: make a socket in the network namespace of `host`."""

    host: HostName
    family: int
    type: int
    protocol: int


class OpenNet(Message, frozen=True):
    """To a keeper: open /proc/net/`name` as `host` sees it."""

    host: HostName
    name: str


class NewHost(Message, frozen=True):
    """To a keeper: make a network namespace of that name; `forwards` makes a router of it."""

    name: HostName
    forwards: bool


class End(msgspec.Struct, frozen=True):
    """One end of a cable: where, and with which addresses and prefix lengths."""

    host: HostName
    interface: str
    mac: str
    addresses: tuple[tuple[str, int], ...]


class Connect(Message, frozen=True):
    """To a keeper: lay a cable between two hosts. Answered when it carries frames."""

    one: End
    other: End


class AddRoute(Message, frozen=True):
    """To a keeper: have `host` send what is for `network` to `gateway`."""

    host: HostName
    network: str
    gateway: str


class SuppressKernelResets(Message, frozen=True):
    """To a keeper: drop the resets that the student's kernel sends, and only the kernel's."""


class SetEchoAnswer(Message, frozen=True):
    """To a keeper: whether the kernel of `host` answers ICMP echo requests by itself."""

    host: HostName
    enabled: bool


class Limits(msgspec.Struct, frozen=True):
    """What a program may use. Bytes, seconds, counts; all of its processes together, descriptors excepted.

    `output_bytes` is what is kept of its output; who prints more is ended.
    """

    memory_bytes: int = 2 << 30
    work_bytes: int = 256 << 20
    processes: int = 256
    descriptors: int = 1024
    cpu_s: int = 60
    output_bytes: int = 8 << 20


class Launch(Message, frozen=True):
    """To a keeper: start a program, in the student host unless another is named.

    The first descriptor sent along holds the encoded `Snapshot` that becomes its /submission.

    Attributes:
        window: rows and columns of a terminal for a person, which echoes; without it, of one for a grader.
        passed: those of the descriptors 0 to 2 that are not the terminal. To the keeper they travel along in this
            order; it puts in their places.
        directory: a directory of the user's own that is /submission itself, instead of a copy; empty for none.
        warm: modules that a warm interpreter which runs this may have imported; None has it run by a fresh one.
        host: whose network it is in.
    """

    argv: tuple[str, ...]
    environment: dict[str, str]
    net_raw: bool
    limits: Limits
    collect: bool = False
    window: tuple[int, int] | None = None
    passed: dict[int, int] = {}
    directory: str = ""
    warm: tuple[str, ...] | None = None
    host: HostName = "student"


class Done(Message, frozen=True):
    """The reply to a request that succeeded; its descriptors, if any, travel beside it."""


class Failed(Message, frozen=True):
    """The reply to a request that the kernel, or this code, refused."""

    reason: str
    errno: int = 0


class Exited(Message, frozen=True):
    """From a program's first process: the program ended.

    `status` is its exit status, or minus the signal that ended it. Where the launch asked to collect, the
    descriptor sent along holds the `Snapshot` of what it left in /submission, or `not_collected` says why there is
    none. `limit` says which limit it was at, and was ended for; empty for none.
    """

    status: int
    not_collected: str = ""
    limit: str = ""


class NotStarted(Message, frozen=True):
    """From a program's first process: the kernel would not execute it."""

    errno: int
    reason: str


class Signal(Message, frozen=True):
    """To a program's first process: send this signal to all of the program's processes."""

    number: int


class TellWaited(Message, frozen=True):
    """To a program's first process: write how many nanoseconds the program's tasks have waited for a processor, as
    decimal digits, to the descriptor sent along."""


_Any = (
    NewLab
    | KeepWarm
    | OpenSocket
    | OpenNet
    | NewHost
    | Connect
    | AddRoute
    | SuppressKernelResets
    | SetEchoAnswer
    | Launch
    | Done
    | Failed
    | Exited
    | NotStarted
    | Signal
    | TellWaited
)
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Any)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(channel: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Send one message. Raises OSError when the other side is gone."""
    socket.send_fds(channel, [_encoder.encode(message)], list(descriptors))


def receive(channel: socket.socket) -> tuple[_Any | None, list[int]]:
    """The next message and its descriptors; None when the other side is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(channel, _LARGEST, _MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:
        return None, []
    return (_decoder.decode(data) if data else None), descriptors
