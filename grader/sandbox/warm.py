"""The warm process: a Python that has imported torch, and is forked for every run.

Everything here is bounded in time. A warm process that does not answer, for whatever reason, is
killed, and WarmProcessError says so; the next ``ready()`` starts another.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from grader.child.kernel import hide_from_others
from grader.errors import SandboxError
from grader.sandbox.environment import forgotten_root, warm_environment
from grader.sandbox.wire import Wire
from grader.sandbox.workdir import make_folder, remove_folder

RUNNER = "grader.child.runner"
ANSWER_SECONDS = 30.0
"""How long an answer may take; a healthy warm process needs milliseconds, or seconds where it has to
import what the next submission needs."""

_CLOSE_SECONDS = 1.0
_REMOVAL_SECONDS = 60.0
_STDERR_BYTES = 16 * 1024


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


class WarmProcessError(Exception):
    """The warm process is gone, or was killed because it did not answer."""


@dataclass(frozen=True)
class Ready:
    """What a warm process says of itself; ``memory_bytes`` is resident memory."""

    torch: str
    python: str
    memory_bytes: int


@dataclass(frozen=True)
class Exit:
    """How a child ended: a wait status, its peak resident bytes and its CPU seconds."""

    status: int
    max_rss_bytes: int
    cpu_seconds: float


class WarmProcess:
    """One warm process and the socket to it. Several threads may ask it for runs.

    On Linux it dies with the thread that started it, so that no grader leaves one behind.
    """

    def __init__(self, runner: str = RUNNER, start_seconds: float = 120.0) -> None:
        self._runner = runner
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Wire | None = None
        self._errors: IO[bytes] | None = None
        self._home: Path | None = None
        self._ready: Ready | None = None
        self._started = 0.0
        self._last_id = 0
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        return self._process.pid if self._process is not None else None

    @property
    def home(self) -> Path:
        """The folder that holds this process's own files; removed with it."""
        if self._home is None:
            raise WarmProcessError("the warm process was stopped")
        return self._home

    def launch(self) -> None:
        """Start the process unless one is running, and do not wait for it. Raises SandboxError.

        On Linux no other process of this user can look into this one, nor trace it, from then on.
        """
        if self._process is not None and self._process.poll() is None:
            return
        if sys.platform == "win32":
            raise SandboxError(
                "Windows cannot run submissions: it cannot fork, nor limit a process. Use WSL, where all"
                " works as on Linux."
            )
        self.kill()
        try:
            self._home = make_folder()
            if _is_root():
                self._home.chmod(0o711)
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by kill()
            hide_from_others()
            ours, theirs = socket.socketpair()
            self._wire = Wire(ours, self._resume)
            with theirs:
                self._process = self._popen(theirs.fileno())
        except OSError as error:
            self.kill()
            raise SandboxError(f"The warm process cannot be started: {error}.") from error
        self._started = time.monotonic()

    def _popen(self, descriptor: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "grader.child", "--runner", self._runner]
        command += ["--socket", str(descriptor), "--parent", str(os.getpid())]
        if root := forgotten_root():
            command += ["--forget", root]
        return subprocess.Popen(
            command,
            env=warm_environment(self.home),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            start_new_session=True,
            pass_fds=[descriptor],
        )

    def ready(self) -> Ready:
        """Wait until the process can fork runs, starting one where none is alive.

        Raises SandboxError with the reason where it does not come up in ``start_seconds``.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self.launch()
                self._ready = None
            if self._ready is None:
                self._ready = self._await_ready()
            return self._ready

    def _await_ready(self) -> Ready:
        try:
            answer = self._connected().receive(self._started + self._start_seconds)
        except (OSError, ValueError) as error:
            reason = self._why_not_started(error)
            self.kill()
            raise SandboxError(reason) from error
        if "torch_failed" in answer:
            self.kill()
            raise SandboxError(
                f"PyTorch cannot be imported ({answer['torch_failed']}). "
                f"Install it with: {sys.executable} -m pip install torch"
            )
        return Ready(**answer)

    def _why_not_started(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return f"The warm process was not ready within {self._start_seconds:g} s."
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process is not None:
                self._process.wait(_CLOSE_SECONDS)
        lines = self._printed().split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), str(error))
        return f"The warm process did not start: {last}"

    def _printed(self) -> str:
        if self._errors is None:
            return ""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _STDERR_BYTES))
        return self._errors.read(_STDERR_BYTES).decode("utf-8", "replace")

    def fork(
        self,
        call: str,
        argument: dict[str, Any] | None,
        limits: dict[str, Any],
        folder: Path,
        descriptors: Sequence[int],
    ) -> int:
        """Fork a child that calls ``runner.call(argument)`` in ``folder``; its process id.

        ``descriptors`` are the write ends of evidence, stdout, stderr and trace, in this order.
        Raises WarmProcessError.
        """
        order = {"call": call, "argument": argument, "limits": limits, "folder": str(folder)}
        return int(self._ask(order, descriptors)["pid"])

    def reap(self, pid: int) -> Exit:
        """How the killed or ended child ended. Raises WarmProcessError."""
        answer = self._ask({"reap": pid})
        return Exit(int(answer["status"]), int(answer["max_rss_bytes"]), float(answer["cpu_seconds"]))

    def _ask(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        with self._lock:
            return self._ask_alone(message, descriptors)

    def _ask_alone(self, message: dict[str, Any], descriptors: Sequence[int]) -> dict[str, Any]:
        self._last_id += 1
        deadline = time.monotonic() + ANSWER_SECONDS
        try:
            self._resume()
            wire = self._connected()
            wire.send({"id": self._last_id, **message}, descriptors, deadline)
            answer = wire.receive(deadline)
            if answer.get("id") != self._last_id or "error" in answer:
                raise ValueError(answer.get("error", "an answer to something else"))
        except (OSError, ValueError) as error:
            self.kill()
            raise WarmProcessError(f"the warm process does not answer: {error}") from error
        return answer

    def _connected(self) -> Wire:
        if self._wire is None:
            raise ConnectionResetError("it has ended")
        return self._wire

    def _resume(self) -> None:
        """A submission may have stopped the process that it was forked from, at any moment."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End the process and all it has forked, and remove its folder. Never raises OSError."""
        if self._process is not None and self._wire is not None and self._ready is not None:
            self._wire.close()
            self._resume()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_CLOSE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill the process at once, and remove its folder; another can be started."""
        process, self._process, self._ready = self._process, None, None
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_CLOSE_SECONDS)
        if self._wire is not None:
            self._wire.close()
        if self._errors is not None:
            self._errors.close()
        if self._home is not None:
            remove_folder(self._home, _REMOVAL_SECONDS)
        self._wire = self._errors = self._home = None


@contextlib.contextmanager
def launched() -> Iterator[WarmProcess]:
    """A warm process that is starting, and is closed in the end. Raises SandboxError."""
    warm = WarmProcess()
    warm.launch()
    try:
        yield warm
    finally:
        warm.close()
