"""How a command ends that is stopped from outside."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

INTERRUPTED = 130


class StoppedError(Exception):
    """Ctrl-C, and what was done until then."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class TerminatedError(KeyboardInterrupt):
    """A signal that ends the process, to be taken as Ctrl-C is: what is open is closed."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def status_of(stop: KeyboardInterrupt) -> int:
    """As a shell tells it: 128 and the signal's number."""
    return 128 + stop.number if isinstance(stop, TerminatedError) else INTERRUPTED


def end_in_order() -> None:
    """Let a signal that would end the process at once end what it has started, too."""

    def terminated(number: int, frame: object) -> NoReturn:
        raise TerminatedError(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, terminated)


def leave_pipe() -> None:
    """Whoever read our output has left: what is still buffered goes nowhere, without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
