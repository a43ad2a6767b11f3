"""Runs a command and looks, while it runs, at how much memory it and what it started hold."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.5
_STOP_SECONDS = 60.0
_END_SECONDS = 5.0


@dataclass(frozen=True)
class Sample:
    """At one moment: results so far, resident bytes of the command itself and with all below it."""

    done: int
    own: int
    tree: int
    processes: int


@dataclass
class Watched:
    """A command that has ended."""

    status: int = 0
    seconds: float = 0.0
    stopped: bool = False
    """Whether it was stopped because its time was up."""
    errors: str = ""
    samples: list[Sample] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """What it had started and was there after it ended."""


def watch(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    done: Callable[[], int],
    seconds: float | None = None,
) -> Watched:
    """Run ``command`` in ``folder`` to its end, or for ``seconds`` and then stop it as Ctrl-C does."""
    watched = Watched()
    seen: set[psutil.Process] = set()
    started = time.monotonic()
    with (folder / "errors").open("w+b") as errors:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
        parent = psutil.Process(process.pid)
        try:
            while process.poll() is None:
                with contextlib.suppress(psutil.Error):
                    watched.samples.append(_sample(parent, done(), seen))
                if seconds is not None and not watched.stopped and time.monotonic() - started > seconds:
                    watched.stopped = True
                    process.send_signal(signal.SIGINT)
                time.sleep(SAMPLE_SECONDS)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(_STOP_SECONDS)
        errors.seek(0)
        watched.errors = errors.read().decode("utf-8", "replace")
    (folder / "errors").unlink()
    watched.status, watched.seconds = process.returncode, time.monotonic() - started
    watched.left = _left(seen, process.pid)
    return watched


def _sample(parent: psutil.Process, done: int, seen: set[psutil.Process]) -> Sample:
    below = parent.children(recursive=True)
    seen.update(below)
    own = parent.memory_info().rss
    return Sample(done, own, own + sum(map(_resident, below)), 1 + len(below))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended meanwhile
        return 0


def _left(seen: set[psutil.Process], parent: int) -> list[str]:
    """Those that were seen below it, and those that say that they are its own."""
    psutil.wait_procs(list(seen), timeout=_END_SECONDS)
    left = {process for process in seen if process.is_running()}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if f"--parent {parent} " in " ".join(process.cmdline()) + " ":
                left.add(process)
    return sorted(map(str, left))
