"""The agent: a small process, started with exec, that can do what the test process must not.

It enters the outer namespaces, builds the private root once, and from then on forks one keeper per lab. It
has a single thread, because only such a process may enter a user namespace. It ends when its channel does.

Run as `python -m pytest_netlab.lab.agent FD`.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys

from pytest_netlab.lab import keeper, linux, messages, namespaces, process, root, warm
from pytest_netlab.lab.messages import Done, Failed, KeepWarm, NewLab


def main(channel: socket.socket) -> None:
    """Serve `channel` until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        real_root = namespaces.enter_outer()
        root.build()
    except OSError as error:
        messages.send(channel, Failed(str(error), error.errno or 0))
        return
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are not waited for
    gc.freeze()  # a collection in a forked process would write to, and so copy, every page that holds an object
    messages.send(channel, Done())
    while True:
        request, descriptors = messages.receive(channel)
        if request is None:
            return
        if isinstance(request, NewLab):
            _fork_keeper(channel, descriptors[0], real_root, relayed=request.relayed)
        elif isinstance(request, KeepWarm):
            _keep_warm(channel, request)
        for fd in descriptors:
            os.close(fd)


def _keep_warm(channel: socket.socket, request: KeepWarm) -> None:
    terminal, console = process.open_terminal()
    os.close(terminal)
    try:
        warm.start(request.environment, console)
    except OSError as error:
        messages.send(channel, Failed(str(error), error.errno or 0))
    else:
        messages.send(channel, Done())


def _fork_keeper(channel: socket.socket, lab_fd: int, real_root: bool, *, relayed: bool) -> None:
    """Fork a keeper and write its maps once it has entered its namespace."""
    entered_read, entered_write = os.pipe()
    mapped_read, mapped_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        channel.close()
        os.close(entered_read)
        os.close(mapped_write)
        # The agent's death must be ours; it may already have happened.
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)

        def mapped() -> None:
            os.write(entered_write, b"x")
            os.close(entered_write)
            if not os.read(mapped_read, 1):
                os._exit(1)
            os.close(mapped_read)

        keeper.run(socket.socket(fileno=os.dup(lab_fd)), mapped, relayed=relayed)
    os.close(entered_write)
    os.close(mapped_read)
    try:
        if os.read(entered_read, 1):
            namespaces.write_inner_maps(pid, real_root)
            os.write(mapped_write, b"x")
    except OSError as error:
        with socket.socket(fileno=os.dup(lab_fd)) as lab:
            messages.send(lab, Failed(str(error), error.errno or 0))
    finally:
        os.close(entered_read)
        os.close(mapped_write)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
