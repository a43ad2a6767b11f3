"""Which protection is in force: not what was asked for, but what a child met when it tried to get out."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.sandbox.workdir import make_folder, remove_folder

CAP = "GRADER_ISOLATION"
"""The environment variable that asks for less than the host has: process, filter or namespaces."""


class Level(IntEnum):
    """What a run is held to; each holds all that the one before it does."""

    PROCESS = 0
    FILTER = 1
    NAMESPACES = 2


@dataclass(frozen=True)
class Isolation:
    """The level in force, and how that is known."""

    level: Level
    text: str
    """As a part of a sentence, in plain words."""


@dataclass(frozen=True)
class Tried:
    """What came of one child's tries: by name, the error that each met, or an empty text."""

    outcomes: Mapping[str, str]
    user: int
    landlock: int
    """Which version of it the kernel has; 0 for none."""


class ProbeFailed(Exception):
    """No probe could be made at a level: it could not be set up, and this says why."""


WHAT = {
    "read": "reading other files", "home": "reading other files", "write": "writing other files",
    "tcp": "the network", "udp": "the network", "unix": "other sockets", "fork": "new processes",
    "exec": "new processes", "signal": "signals to other processes", "ptrace": "sight of other processes",
    "proc": "sight of other processes",
}  # fmt: skip
"""What each try is about."""

_MEANS = {
    Level.PROCESS: "process limits (time, memory, output, own process group)",
    Level.FILTER: "filter ({landlock}, seccomp)",
    Level.NAMESPACES: "namespaces (own root, network and disk; {landlock}, seccomp)",
}
_UNPROTECTED = "not protection against hostile code"


def highest() -> Level:
    """The level to begin with. Raises UsageError where the environment asks for one that is unknown."""
    asked = os.environ.get(CAP)
    if asked is None:
        return Level.NAMESPACES
    try:
        return Level[asked.upper()]
    except KeyError:
        known = ", ".join(level.name.lower() for level in Level)
        raise UsageError(f"{CAP} is '{asked}': it may be {known}.") from None


def prove(attempt: Callable[[Level, dict[str, Any]], Tried], start: Level) -> Isolation:
    """The highest level, ``start`` at most, at which a child that tried could not get out.

    ``attempt`` makes the tries in a child held to a level; it raises ProbeFailed where that cannot be set up.
    """
    reasons: list[str] = []
    for level in sorted(Level, reverse=True):
        if level > start:
            continue
        if level is Level.PROCESS:
            break
        try:
            tried = _tried(attempt, level)
        except ProbeFailed as failure:
            reasons.append(f"not level {level.value}: {failure}")
            continue
        escapes = _escapes(tried.outcomes)
        if not escapes and not tried.outcomes["work"]:
            return Isolation(level, _held(level, tried, reasons))
        reasons.append(f"not level {level.value}: {_why_not(tried, escapes)}")
    return Isolation(Level.PROCESS, _unheld(_unconfined(attempt), reasons, start))


def _why_not(tried: Tried, escapes: list[str]) -> str:
    if escapes:
        return f"it does not hold here: {', '.join(escapes)}"
    return f"a run could not work ({tried.outcomes['work']})"


def _unconfined(attempt: Callable[[Level, dict[str, Any]], Tried]) -> Tried | None:
    try:
        return _tried(attempt, Level.PROCESS)
    except ProbeFailed:
        return None


def _held(level: Level, tried: Tried, reasons: list[str]) -> str:
    landlock = f"Landlock ABI {tried.landlock}" if tried.landlock else "no Landlock"
    means = f"level {level.value}: {_MEANS[level].format(landlock=landlock)}"
    proved = "tried and held: " + ", ".join(dict.fromkeys(WHAT.values()))
    return "; ".join([means, proved, *_user(tried), *reasons])


def _unheld(tried: Tried | None, reasons: list[str], start: Level) -> str:
    words = [f"level 0: {_MEANS[Level.PROCESS]}", _UNPROTECTED]
    if tried is not None:
        escapes = _escapes(tried.outcomes)
        words += [f"tried and possible: {', '.join(escapes)}"] if escapes else []
        words += _user(tried)
    if start is Level.PROCESS:
        words.append(f"{CAP} asks for no more")
    if sys.platform != "linux":
        words.append("more is to be had on Linux only")
    return "; ".join([*words, *reasons])


def _user(tried: Tried) -> list[str]:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    return ["as root, for no other user is to be had" if tried.user == 0 else "not as root"]


def _escapes(outcomes: Mapping[str, str]) -> list[str]:
    """What a run could do that it must not; what was not tried is no proof."""
    return list(dict.fromkeys(what for name, what in WHAT.items() if outcomes.get(name, "") == ""))


def _tried(attempt: Callable[[Level, dict[str, Any]], Tried], level: Level) -> Tried:
    """The tries of one child, and what the parent saw of them."""
    with _canaries() as canaries:
        tried = attempt(level, canaries.places())
        reached = list(canaries.reached())
    return Tried({**tried.outcomes, **dict.fromkeys(reached, "")}, tried.user, tried.landlock)


class _Canaries:
    """A file that must not be read, a place that must not be written to, and three ports."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._folder = folder
        # Open to every user: what must keep a run out is the sandbox, not the owner of a file.
        folder.chmod(0o777)
        (folder / "canary").write_text("canary")
        (folder / "canary").chmod(0o644)
        self._ports = {name: stack.enter_context(port) for name, port in _open_ports() if port is not None}

    def places(self) -> dict[str, Any]:
        """What the probe is told."""
        addresses = {name: port.getsockname() for name, port in self._ports.items()}
        return {
            "file": str(self._folder / "canary"),
            "target": str(self._folder / "written"),
            "home": str(Path.home()),
            "home_entries": _entries(Path.home()),
            "tcp": addresses.get("tcp"),
            "udp": addresses.get("udp"),
            "unix": addresses["unix"].decode("ascii") if "unix" in addresses else None,
            "parent": os.getpid(),
        }

    def reached(self) -> Iterator[str]:
        """What did happen, whatever the child says."""
        if (self._folder / "written").exists():
            yield "write"
        for name, port in self._ports.items():
            with contextlib.suppress(BlockingIOError):
                if name == "udp":
                    port.recv(1)
                else:
                    port.accept()[0].close()
                yield name


def _entries(folder: Path) -> int:
    try:
        return len(list(folder.iterdir()))
    except OSError:  # a user without a home
        return 0


@contextlib.contextmanager
def _canaries() -> Iterator[_Canaries]:
    folder = make_folder()
    try:
        with contextlib.ExitStack() as stack:
            yield _Canaries(folder, stack)
    finally:
        remove_folder(folder)


def _open_ports() -> Iterator[tuple[str, socket.socket | None]]:
    yield "tcp", _listener(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
    yield "udp", _listener(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
    if sys.platform == "linux":
        name = f"\0grader-{os.urandom(8).hex()}"
        yield "unix", _listener(socket.AF_UNIX, socket.SOCK_STREAM, name)


def _listener(family: int, kind: int, address: Any) -> socket.socket | None:
    """None where this host has no such network: then there is none to be reached."""
    port = socket.socket(family, kind)
    try:
        port.bind(address)
        if kind == socket.SOCK_STREAM:
            port.listen(1)
        port.setblocking(False)
    except OSError:
        port.close()
        return None
    return port
