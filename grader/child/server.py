"""The warm process's loop: it takes orders on a socket, forks a child for each run, and reaps it.

Messages are JSON objects behind a four-byte big-endian length; the first bytes of an order to run
carry five descriptors, the write ends of evidence, stdout, stderr and trace, and the read end of orders to
run again (``further.py``).

    {"id", "call", "argument", "limits", "folder"}  ->  {"id", "pid"}
    {"id", "reap": pid}                             ->  {"id", "status", "max_rss_bytes",
                                                         "cpu_seconds"}

An order that fails is answered with {"id", "error"}. ``reap`` is answered when the child has ended,
other orders are taken meanwhile. The end of the socket ends everything.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.child import large_pages, probe
from grader.child.confine import adopt_orphans
from grader.child.forked import Ends, Runs, live

HEADER_BYTES = 4
DESCRIPTORS = 5
CALLS = ("run", "devices")
OWN_CALLS = {"probe": probe.probe, "use_device": probe.use_device}
"""Not the runner's, but the grader's: they try what a run can do."""


_REAP_MILLISECONDS = 2
_MAX_STRAYS = 1000
_MANY_FORKS = 24
"""From so many on there are likely many more, and it pays to prepare for them."""


class Server:
    """Forks runs of ``runner`` as the socket asks for them."""

    def __init__(self, connection: socket.socket, runner: ModuleType) -> None:
        self._connection = connection
        self._runner = runner
        self._children: set[int] = set()
        self._forks = 0
        self._awaited: dict[int, int] = {}
        """The ids of the orders to reap that are not answered yet, by process id."""

    def serve(self) -> None:
        """Take orders until the socket ends, then kill what is left."""
        adopt_orphans()
        poller = select.poll()
        poller.register(self._connection, select.POLLIN)
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                if poller.poll(_REAP_MILLISECONDS if self._awaited else None):
                    self._take_order()
                self._reap_awaited()
        self._kill_all()

    def _take_order(self) -> None:
        order, descriptors = _receive(self._connection)
        try:
            if "reap" in order:
                self._awaited[order["reap"]] = order["id"]
            else:
                send(self._connection, {"id": order["id"], "pid": self._fork(order, descriptors)})
        except (OSError, KeyError, ValueError) as error:
            send(self._connection, {"id": order.get("id"), "error": repr(error)})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _fork(self, order: dict[str, Any], descriptors: Sequence[int]) -> int:
        ends = Ends(*descriptors)
        call = self._call(order["call"])
        if order["call"] == "run":
            self._runner.get_ready(order["argument"])
        self._forks += 1
        if self._forks == _MANY_FORKS:
            large_pages.gather()
        warm = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._connection.detach()
            live(warm, order, ends, Runs(call, getattr(self._runner, "left_nothing", _left_something)))
        self._children.add(pid)
        return pid

    def _call(self, name: str) -> Callable[..., object]:
        """Raises ValueError."""
        if name in OWN_CALLS:
            return OWN_CALLS[name]
        found: Callable[..., object] = getattr(self._runner, CALLS[CALLS.index(name)])
        return found

    def _reap_awaited(self) -> None:
        for pid, order in list(self._awaited.items()):
            answer = self._reap(pid)
            if answer is not None:
                del self._awaited[pid]
                send(self._connection, {"id": order, **answer})

    def _reap(self, pid: int) -> dict[str, Any] | None:
        if pid not in self._children:
            return {"error": f"{pid} is no child"}
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if not ended:
            return None
        self._children.discard(pid)
        self._kill_strays()
        return {
            "status": status,
            "max_rss_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
        }

    def _kill_strays(self) -> None:
        """Kill what outlived its run in a group of its own: it has become this process's child."""
        for _ in range(_MAX_STRAYS):
            strays = _children_of_this_process() - self._children
            if not strays:
                return
            for pid in strays:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _kill_all(self) -> None:
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._children.clear()
        self._kill_strays()


def _left_something(_: object) -> bool:
    """Of a runner that does not tell."""
    return False


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message. Raises OSError."""
    body = json.dumps(message).encode()
    connection.sendall(len(body).to_bytes(HEADER_BYTES, "big") + body)


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    cloexec = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
    data, descriptors, _, _ = socket.recv_fds(connection, HEADER_BYTES, DESCRIPTORS, cloexec)
    if not data:
        raise EOFError
    length = int.from_bytes(data + _exactly(connection, HEADER_BYTES - len(data)), "big")
    return json.loads(_exactly(connection, length)), descriptors


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _children_of_this_process() -> set[int]:
    """Empty where the system does not tell."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except (ChildProcessError, FileNotFoundError):
        return set()
    return set(map(int, listed.split()))
