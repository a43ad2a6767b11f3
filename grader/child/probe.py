"""Tries, in a child that is confined just as a run is, what a run must not be able to do.

Each try is harmless where it succeeds: the parent has laid out a file to read, a place to write to and ports
to reach, and looks itself at what came of it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.child.confine.landlock import abi

_PTRACE_SEIZE = 0x4206


def probe(canaries: dict[str, Any]) -> dict[str, Any]:
    """Try everything: by name, the error that was met, or an empty text. ``canaries`` says where to try."""
    parent = canaries["parent"]
    attempts: dict[str, Callable[[], object]] = {
        "work": _work,
        "read": lambda: Path(canaries["file"]).read_bytes(),
        "home": lambda: _list(canaries["home"], canaries["home_entries"]),
        "write": lambda: Path(canaries["target"]).write_bytes(b"written"),
        "tcp": lambda: _send(socket.AF_INET, socket.SOCK_STREAM, canaries["tcp"]),
        "udp": lambda: _send(socket.AF_INET, socket.SOCK_DGRAM, canaries["udp"]),
        "unix": lambda: _send(socket.AF_UNIX, socket.SOCK_STREAM, canaries["unix"]),
        "signal": lambda: os.kill(parent, 0),
        "ptrace": lambda: _trace(parent),
        "proc": lambda: os.listdir(f"/proc/{parent}"),  # noqa: PTH208 - names alone
        "fork": _fork,
        "exec": _execute,
    }
    outcomes = {name: _outcome(attempt) for name, attempt in attempts.items()}
    return {"outcomes": outcomes, "user": os.getuid(), "landlock": abi()}


def use_device(asked: dict[str, str]) -> dict[str, float]:
    """One small step on a device, to see that it can be used by a run that is held in."""
    import torch

    leaf = torch.ones(2, device=asked["device"], requires_grad=True)
    torch.autograd.backward((leaf * leaf).sum())
    assert leaf.grad is not None  # noqa: S101 - torch has just made it
    return {"gradient": float(leaf.grad.sum())}


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return type(error).__name__ + f": {error.strerror or error}"
    return ""


def _work() -> None:
    """What a run does need: a file of its own, a thread, and to be told of by faulthandler."""
    import threading

    mine = Path("probe.txt")
    mine.write_text("x")
    mine.unlink()
    try:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    except RuntimeError as error:
        raise OSError(str(error)) from error
    os.kill(os.getpid(), signal.SIGCONT)


def _list(folder: str, entries: int) -> None:
    """A private root may have a folder of that name, on the way to a Python that lies below it."""
    if len(os.listdir(folder)) < entries:  # noqa: PTH208 - names alone
        raise FileNotFoundError("not the same folder")


def _send(family: int, kind: int, address: Any) -> None:
    place = tuple(address) if isinstance(address, list) else address
    if place is None:
        raise ConnectionError("not tried: the grader itself could not open one")
    with socket.socket(family, kind) as ours:
        ours.settimeout(1.0)
        ours.connect(place)
        ours.send(b"probe")


def _trace(pid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(_PTRACE_SEIZE, pid, None, None) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _execute() -> None:
    """The program does not exist: an exec that is allowed says so, and one that is not says that."""
    try:
        os.execv("/nonexistent/grader-probe", ["probe"])  # noqa: S606
    except FileNotFoundError:
        return
