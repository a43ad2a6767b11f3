"""The sandbox: runs submissions one after another, whatever they do, and reports on each."""

from __future__ import annotations

import contextlib
import math
import time
from types import TracebackType
from typing import NamedTuple

from grader.errors import SandboxError
from grader.records import ChildReport, Limits, RunRequest
from grader.sandbox import channel
from grader.sandbox.ending import child_report, how_it_ended
from grader.sandbox.run import PIPES, Pipes, Watch
from grader.sandbox.warm import RUNNER, Exit, WarmProcess, WarmProcessError
from grader.sandbox.workdir import make_folder, remove_folder

LEVEL_0 = (
    "level 0: process limits (time, memory, output, own process group); not protection against hostile code"
)
ON_HOST = ("cpu", "sim")
"""The devices whose memory is this process's own."""
_DEVICE_LIMITS = Limits(seconds=60.0, evidence_bytes=64 * 1024)
"""Initialising the first accelerator of a large machine takes many seconds."""


class Versions(NamedTuple):
    """Of what the submissions run with."""

    torch: str
    python: str


class Sandbox:
    """Runs submissions in forks of one warm process. A context manager, used by one thread.

    Several sandboxes may be used at once, each by its own thread. ``start_seconds`` is how long
    the warm process may take to import torch.
    """

    def __init__(
        self, limits: Limits | None = None, *, runner: str = RUNNER, start_seconds: float = 120.0
    ) -> None:
        self.limits = limits or Limits()
        self._warm = WarmProcess(runner, start_seconds)
        self._devices: tuple[str, ...] | None = None

    def __enter__(self) -> Sandbox:
        """Start the warm process without waiting for it. Raises SandboxError."""
        self._warm.launch()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process and remove every folder of this sandbox."""
        self._warm.close()

    @property
    def isolation(self) -> str:
        """The protection in force, as a part of a sentence."""
        return LEVEL_0

    @property
    def versions(self) -> Versions:
        """Waits for the warm process. Raises SandboxError."""
        ready = self._warm.ready()
        return Versions(ready.torch, ready.python)

    def run(self, request: RunRequest, limits: Limits | None = None) -> ChildReport:
        """Run one submission once, in bounded time, whatever it does.

        A run whose warm process died under it is repeated once. Raises SandboxError where no warm
        process could be started in the first place.
        """
        limits = limits or self.limits
        started = time.monotonic()
        try:
            ended = self._execute("run", request, limits)
        except WarmProcessError as error:
            seconds = time.monotonic() - started
            return ChildReport(ending="lost", detail=str(error), seconds=seconds)
        return child_report(ended.watch, ended.exit, limits, request.name, ended.baseline_bytes)

    def devices(self) -> tuple[str, ...]:
        """The devices of this machine that a run may ask for, "cpu" first. Raises SandboxError."""
        if self._devices is None:
            self._devices = self._ask_devices()
        return self._devices

    def _ask_devices(self) -> tuple[str, ...]:
        limits = _DEVICE_LIMITS
        try:
            ended = self._execute("devices", None, limits)
            ending, detail = how_it_ended(ended.watch, ended.exit, limits, ended.baseline_bytes)
            if ending != "complete":
                raise SandboxError(f"The devices cannot be listed: {ending}, {detail}.")
            return channel.decode_devices(ended.watch.frame, limits.evidence_bytes)
        except (WarmProcessError, channel.FrameError) as error:
            raise SandboxError(f"The devices cannot be listed: {error}.") from error

    def _execute(self, call: str, request: RunRequest | None, limits: Limits) -> _Ended:
        """One run, repeated once where the warm process died. Raises WarmProcessError."""
        with contextlib.suppress(WarmProcessError):
            return self._attempt(call, request, limits)
        try:
            return self._attempt(call, request, limits)
        except SandboxError as error:
            raise WarmProcessError(str(error)) from error

    def _attempt(self, call: str, request: RunRequest | None, limits: Limits) -> _Ended:
        ready = self._warm.ready()
        try:
            watch = self._watched(call, request, limits)
        except OSError as error:  # no descriptors, no disk, or the folder was taken away
            self._warm.kill()
            raise WarmProcessError(f"no run could be set up: {error}") from error
        except BaseException:  # Ctrl-C: the child is dead, its parent must not wait to be reaped
            self._warm.kill()
            raise
        return _Ended(watch, self._reaped(watch), ready.memory_bytes)

    def _watched(self, call: str, request: RunRequest | None, limits: Limits) -> Watch:
        argument = request.model_dump(mode="json") if request is not None else None
        device = request.device if request is not None else None
        folder = make_folder(self._warm.home)
        try:
            with contextlib.closing(Pipes()) as pipes:
                writers = [pipes.writers[name] for name in PIPES]
                pid = self._warm.fork(call, argument, _process_limits(limits, device), folder, writers)
                pipes.close_writers()
                with Watch(pid, pipes, limits) as watch:
                    watch.follow()
        finally:
            remove_folder(folder)
        return watch

    def _reaped(self, watch: Watch) -> Exit | None:
        try:
            return self._warm.reap(watch.pid)
        except WarmProcessError:
            if watch.decided:
                return None
            raise


class _Ended(NamedTuple):
    watch: Watch
    exit: Exit | None
    baseline_bytes: int


def _process_limits(limits: Limits, device: str | None) -> dict[str, int | None]:
    """What the kernel is asked to hold the child to."""
    return {
        # An accelerator reserves hundreds of gigabytes of addresses that it never uses, so a limit
        # on addresses would stop it before it begins.
        "memory_bytes": limits.memory_bytes if device in ON_HOST else None,
        # A second line: the parent's clock comes first, unless the parent itself was stopped.
        "cpu_seconds": math.ceil(limits.seconds) + 2,
        "file_bytes": limits.file_bytes,
        "open_files": limits.open_files,
        "evidence_bytes": limits.evidence_bytes,
    }
