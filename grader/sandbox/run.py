"""One run, watched from outside: its deadline, its end, what comes through its pipes.

Nothing that the child does or leaves undone keeps this waiting: every wait has a deadline on the
parent's own clock, and what is kept of every pipe is bounded.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal

from grader.child.further import READY
from grader.records import Limits
from grader.sandbox import channel, gauge
from grader.sandbox.capture import Capture
from grader.sandbox.pipes import Pipes

GRACE_SECONDS = 1.0
"""From the whole frame, or the child's end, to the end of all its output."""
STACK_SECONDS = 0.3
"""For a child that is about to be killed to say where it is."""

_QUIET_SECONDS = 0.05
_GAUGE_SECONDS = 0.05
_KILL_SECONDS = 1.0
_READ_BYTES = 64 * 1024
_TRACE_BYTES = 64 * 1024
_TRACE_FLOOD_BYTES = 1024**2

Stop = Literal["time", "output", "protocol", "disk", "processes"]


class Watch:
    """Follows one run from its order to its end, or to the child's, which it brings about where it must."""

    def __init__(
        self,
        pid: int,
        pipes: Pipes,
        limits: Limits,
        folder: Path,
        unwanted: threading.Event | None = None,
        *,
        runs_on: bool = False,
        order: bytes = b"",
    ) -> None:
        """``unwanted`` is set, by whoever asked for the run, where its result is not awaited any more.

        ``runs_on``: the child may say that it is ready for another run, and is left alive then; ``order`` is
        what it is sent, where it was told before and not with its fork.
        """
        self.pid = pid
        self.is_ready = False
        """Whether the child awaits its next order."""
        self._runs_on = runs_on
        self._order = memoryview(order)
        self._orders = pipes.orders
        self._unwanted = unwanted
        self._folder = folder
        self._readers = pipes.readers
        self._limits = limits
        self._started = time.monotonic()
        self._deadline = self._started + limits.seconds
        self._ended: float | None = None
        self.stopped: Stop | None = None
        """Why the child was killed, where it was."""
        self.frame = bytearray()
        self.output = {"stdout": Capture(), "stderr": Capture()}
        self.trace = Capture(0, _TRACE_BYTES)

    def __enter__(self) -> Watch:
        self._selector = selectors.DefaultSelector()
        self._pidfd = _open_pidfd(self.pid)
        for name, descriptor in self._readers.items():
            self._selector.register(descriptor, selectors.EVENT_READ, self._reader(name))
        if self._order:
            self._selector.register(self._orders, selectors.EVENT_WRITE, self._send)
        if self._pidfd is not None:
            exited = partial(self._exited, self._pidfd)
            self._selector.register(self._pidfd, selectors.EVENT_READ, exited)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self.is_ready or kind is not None:
            self._kill()
        self._selector.close()
        if self._pidfd is not None:
            os.close(self._pidfd)

    @property
    def seconds(self) -> float:
        """From the fork to the frame or the end of the child."""
        return (self._ended or time.monotonic()) - self._started

    @property
    def decided(self) -> bool:
        """Whether the ending is known without asking how the child ended."""
        return self.stopped is not None or channel.is_complete(self.frame)

    def follow(self) -> None:
        """Watch until the child is ready for its next run, or has ended and been read, or must be stopped;
        where it is not ready, it is dead then."""
        gauge_at = self._started + _GAUGE_SECONDS
        while self._selector.get_map() and self.stopped is None and not self.is_ready:
            now = time.monotonic()
            if now >= self._deadline or (self._unwanted is not None and self._unwanted.is_set()):
                break
            if now >= gauge_at and self._ended is None:
                self.stopped = gauge.over(self.pid, self._folder, self._limits)
                # What takes long to count is counted more rarely.
                gauge_at = time.monotonic() + _GAUGE_SECONDS + 4 * (time.monotonic() - now)
            for key, _ in self._selector.select(min(self._deadline - now, _GAUGE_SECONDS)):
                key.data()
        if self.is_ready and self._is_drained():
            return
        self.is_ready = False
        if self._selector.get_map() and self._ended is None:
            self.stopped = self.stopped or "time"
        if self.stopped not in (None, "protocol"):
            self._ask_where()
        self._kill()
        self._end()

    def _is_drained(self) -> bool:
        """Read what the run printed before it was ready; False where that must be stopped."""
        while self.stopped is None and time.monotonic() < self._deadline:
            waiting = self._selector.select(0)
            if not waiting:
                return True
            for key, _ in waiting:
                key.data()
        return False

    def _send(self) -> None:
        """The next part of the order. A child that has ended reads none of it, and is seen to have ended."""
        try:
            self._order = self._order[os.write(self._orders, self._order) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._order = memoryview(b"")
        if not self._order:
            self._selector.unregister(self._orders)

    def _reader(self, name: str) -> Callable[[], None]:
        take = {"evidence": self._evidence, "trace": self._trace}.get(name)
        if take is None:
            capture = self.output[name]
            return lambda: self._read(name, lambda data: self._printed(capture, data))
        return lambda: self._read(name, take)

    def _read(self, name: str, take: Callable[[bytes], None]) -> None:
        data = os.read(self._readers[name], _READ_BYTES)
        if data:
            take(data)
        else:
            self._selector.unregister(self._readers[name])

    def _evidence(self, data: bytes) -> None:
        self.frame += data
        if self._runs_on and self._is_followed_by_ready():
            del self.frame[-len(READY) :]
            self.is_ready = True
        if channel.overrun(self.frame, self._limits.evidence_bytes):
            self.stopped = "protocol"
        elif channel.is_complete(self.frame):
            self._end()

    def _is_followed_by_ready(self) -> bool:
        length = channel.frame_length(self.frame)
        whole = channel.HEADER_BYTES + (length or 0) + len(READY)
        return length is not None and len(self.frame) == whole and self.frame.endswith(READY)

    def _printed(self, capture: Capture, data: bytes) -> None:
        capture.feed(data)
        if sum(each.size for each in self.output.values()) > self._limits.output_bytes:
            self.stopped = self.stopped or "output"

    def _trace(self, data: bytes) -> None:
        self.trace.feed(data)
        if self.trace.size > _TRACE_FLOOD_BYTES:
            self._selector.unregister(self._readers["trace"])

    def _exited(self, pidfd: int) -> None:
        self._selector.unregister(pidfd)
        self._signal_group(signal.SIGKILL)  # what it left behind may hold the pipes
        self._end()

    def _end(self) -> None:
        if self._ended is None:
            self._ended = time.monotonic()
            self._deadline = min(self._deadline, self._ended + GRACE_SECONDS)

    def _ask_where(self) -> None:
        """faulthandler answers in C, whatever Python does; a stopped process must go on first."""
        self._signal(signal.SIGUSR1)
        self._signal(signal.SIGCONT)
        end = time.monotonic() + STACK_SECONDS
        wait = STACK_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._readers["trace"], selectors.EVENT_READ)
            while time.monotonic() < end and selector.select(wait):
                data = os.read(self._readers["trace"], _READ_BYTES)
                if not data:
                    return
                self.trace.feed(data)
                wait = _QUIET_SECONDS

    def _kill(self) -> None:
        """Kill the group, and wait until the child is dead: its folder can be removed then."""
        self._signal_group(signal.SIGKILL)
        if self._pidfd is not None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._pidfd, selectors.EVENT_READ)
                selector.select(_KILL_SECONDS)

    def _signal_group(self, number: signal.Signals) -> None:
        self._signal(number)  # it may not have come to lead a group yet
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _signal(self, number: signal.Signals) -> None:
        """No other process can have this id: a child is reaped only after its watch."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, number)


def _open_pidfd(pid: int) -> int | None:
    """None where there is no such thing: the end of all the pipes is then the child's end."""
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None
