"""The sandbox: runs submissions one after another, whatever they do, and reports on each."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from grader.errors import SandboxError, WeakIsolation
from grader.records import ChildReport, Limits, RunRequest
from grader.sandbox import channel
from grader.sandbox.child import Argument, Child
from grader.sandbox.ending import child_report, how_it_ended
from grader.sandbox.isolation import Isolation, Level, ProbeFailed, Tried, highest, prove
from grader.sandbox.run import Watch
from grader.sandbox.warm import RUNNER, Exit, WarmProcess, WarmProcessError

ON_HOST = ("cpu", "sim")
"""The devices whose memory is this process's own."""
_DEVICE_LIMITS = Limits(seconds=60.0, evidence_bytes=64 * 1024)
"""Initialising the first accelerator of a large machine takes many seconds."""
_PROBE_LIMITS = Limits(seconds=10.0, evidence_bytes=64 * 1024)
PROBE, USE_DEVICE = "probe", "use_device"
ACCEPT = "--accept-weak-isolation"
"""What a person who goes on with less says on the command line."""


class Versions(NamedTuple):
    """Of what the submissions run with."""

    torch: str
    python: str


class Sandbox:
    """Runs submissions in forks of one warm process. A context manager; once its devices were asked, several
    threads may run submissions in it.

    Several sandboxes may be used at once, each by its own thread. ``start_seconds`` is how long
    the warm process may take to import torch.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        runner: str = RUNNER,
        start_seconds: float = 120.0,
        least: Level = Level.PROCESS,
        most: Level | None = None,
        accept_weak: bool = False,
        warm: WarmProcess | None = None,
    ) -> None:
        """``least``: the isolation below which nothing is run, unless ``accept_weak`` says to go on and to
        report it; ``most``: what is tried for at most; ``warm``: a process that was launched already.
        """
        self.limits = limits or Limits()
        self._least = least
        self._accept_weak = accept_weak
        self._most = highest() if most is None else most
        self._isolation: tuple[int | None, Isolation] | None = None
        self._warm = warm or WarmProcess(runner, start_seconds)
        self._devices: tuple[str, ...] | None = None
        self._accelerators: dict[str, Level] = {}
        """The level at which each can be used."""
        self._notes: list[str] = []

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
        """The protection in force, as a part of a sentence. Raises SandboxError."""
        return "; ".join([self.proved.text, *self._notes])

    @property
    def level(self) -> Level:
        """The protection in force. Raises SandboxError."""
        return self.proved.level

    @property
    def proved(self) -> Isolation:
        """What a probe in this very warm process showed. Raises SandboxError, WeakIsolation among them."""
        self._warm.ready()
        if self._isolation is None or self._isolation[0] != self._warm.pid:
            found = prove(self._probe, self._most)
            if found.level < self._least:
                found = self._weak(found)
            self._isolation = self._warm.pid, found
        return self._isolation[1]

    def _weak(self, found: Isolation) -> Isolation:
        if self._accept_weak:
            return replace(found, text=f"{found.text}; weak, and accepted with {ACCEPT}")
        raise WeakIsolation(
            f"The code of others is run at isolation level {self._least.value} or above, and here is only"
            f" {found.text}. To go on all the same, and to have every report say so, add {ACCEPT}."
        )

    def _probe(self, level: Level, canaries: dict[str, Any]) -> Tried:
        """One child that tries to get out. Raises ProbeFailed."""
        limits = _PROBE_LIMITS
        try:
            ended = self._attempt(PROBE, canaries, "cpu", limits, level)
            ending, detail = how_it_ended(ended.watch, ended.exit, limits, ended.baseline_bytes)
            if ending != "complete":
                raise ProbeFailed(f"the probe ended otherwise: {ending}, {detail}")
            return Tried(**channel.decode_object(ended.watch.frame, limits.evidence_bytes))
        except channel.FrameError as error:
            raise ProbeFailed(error.failure or str(error)) from error
        except WarmProcessError as error:
            raise SandboxError(f"The sandbox cannot be probed: {error}.") from error

    @property
    def versions(self) -> Versions:
        """Waits for the warm process. Raises SandboxError."""
        ready = self._warm.ready()
        return Versions(ready.torch, ready.python)

    def run(
        self, request: RunRequest, limits: Limits | None = None, unwanted: threading.Event | None = None
    ) -> ChildReport:
        """Run one submission once, in bounded time, whatever it does; it is stopped where it becomes
        ``unwanted``. Several threads may run submissions at once, when ``devices`` has been asked.

        A run whose warm process died under it is repeated once. Raises SandboxError where no warm
        process could be started in the first place.
        """
        with self.sitting(runs_on=False) as sitting:
            return sitting.run(request, limits, unwanted)

    def sitting(self, *, runs_on: bool = True) -> Sitting:
        """What makes the runs of one submission, by one thread; to be closed."""
        return Sitting(self, runs_on)

    def devices(self) -> tuple[str, ...]:
        """The devices of this machine that a run may ask for, "cpu" first. Raises SandboxError.

        An accelerator that cannot be used by a run that is held in is left out where that is needed.
        """
        if self._devices is None:
            found = self._ask_devices()
            self._devices = tuple(name for name in found if name in ON_HOST or self._is_usable(name))
        return self._devices

    def _is_usable(self, name: str) -> bool:
        level = min(self.level, Level.FILTER)
        if self._works_on(name, level):
            self._accelerators[name] = level
            return True
        if self._least > Level.PROCESS and not self._accept_weak:
            self._notes.append(f"{name} is left out, for it cannot be used at level {level.value}")
            return False
        self._accelerators[name] = Level.PROCESS
        self._notes.append(f"on {name} only level 0, for it cannot be used at level {level.value}")
        return True

    def _works_on(self, name: str, level: Level) -> bool:
        try:
            ended = self._attempt(USE_DEVICE, {"device": name}, name, _DEVICE_LIMITS, level)
            channel.decode_object(ended.watch.frame, _DEVICE_LIMITS.evidence_bytes)
        except (WarmProcessError, channel.FrameError):
            return False
        return True

    def _ask_devices(self) -> tuple[str, ...]:
        limits = _DEVICE_LIMITS
        try:
            ended = self._execute("devices", None, None, limits)
            ending, detail = how_it_ended(ended.watch, ended.exit, limits, ended.baseline_bytes)
            if ending != "complete":
                raise SandboxError(f"The devices cannot be listed: {ending}, {detail}.")
            return channel.decode_devices(ended.watch.frame, limits.evidence_bytes)
        except (WarmProcessError, channel.FrameError) as error:
            raise SandboxError(f"The devices cannot be listed: {error}.") from error

    def _execute(
        self,
        call: str,
        argument: Argument,
        device: str | None,
        limits: Limits,
        unwanted: threading.Event | None = None,
        runs_on: bool = False,
    ) -> _Ended:
        """One run, repeated once where the warm process died. Raises WarmProcessError."""
        with contextlib.suppress(WarmProcessError):
            return self._attempt(call, argument, device, limits, self._level_for(device), unwanted, runs_on)
        try:
            return self._attempt(call, argument, device, limits, self._level_for(device), unwanted, runs_on)
        except SandboxError as error:
            raise WarmProcessError(str(error)) from error

    def _level_for(self, device: str | None) -> Level:
        """An accelerator's driver is asked for in ways that a private root has no place for; the list of
        devices is made by the grader's own code, with no submission in the process."""
        if device is None:
            self._warm.ready()
            return Level.PROCESS
        if device in ON_HOST:
            return self.level
        return self._accelerators.get(device, min(self.level, Level.FILTER))

    def _attempt(
        self,
        call: str,
        argument: Argument,
        device: str | None,
        limits: Limits,
        level: Level,
        unwanted: threading.Event | None = None,
        runs_on: bool = False,
    ) -> _Ended:
        ready = self._warm.ready()
        given = _process_limits(limits, device, level) | {"runs_on": runs_on}
        child = self._set_up(lambda: Child(self._warm, call, argument, limits, given))
        return self._followed(child, unwanted, ready.memory_bytes)

    def _followed(self, child: Child, unwanted: threading.Event | None, baseline_bytes: int) -> _Ended:
        """The run that a child makes, and the child itself where it is ready for another."""
        try:
            watch = self._set_up(lambda: child.watched(unwanted))
        except BaseException:
            child.abandon()
            raise
        if watch.is_ready:
            return _Ended(watch, None, baseline_bytes, child)
        return _Ended(watch, child.end(decided=watch.decided), baseline_bytes, None)

    def _set_up(self, make: Callable[[], _Made]) -> _Made:
        """Raises WarmProcessError."""
        try:
            return make()
        except OSError as error:  # no descriptors, no disk, or the folder was taken away
            self._warm.kill()
            raise WarmProcessError(f"no run could be set up: {error}") from error
        except BaseException:  # Ctrl-C: the child is dead, its parent must not wait to be reaped
            self._warm.kill()
            raise


class Sitting:
    """The runs of one submission, in one process for as long as each run leaves it as it found it; else each
    in a process of its own. A context manager."""

    def __init__(self, sandbox: Sandbox, runs_on: bool) -> None:
        self.sandbox = sandbox
        self._runs_on = runs_on
        self._ready: Child | None = None
        self._limits: Limits | None = None
        self._baseline_bytes = 0

    @property
    def limits(self) -> Limits:
        """What a run is held to where nothing else is said."""
        return self.sandbox.limits

    def __enter__(self) -> Sitting:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self, request: RunRequest, limits: Limits | None = None, unwanted: threading.Event | None = None
    ) -> ChildReport:
        """Make one run, as ``Sandbox.run`` does. Raises SandboxError."""
        limits = limits or self.limits
        started = time.monotonic()
        try:
            ended = self._run(request, limits, unwanted)
        except WarmProcessError as error:
            seconds = time.monotonic() - started
            return ChildReport(ending="lost", detail=str(error), seconds=seconds)
        self._ready, self._limits, self._baseline_bytes = ended.ready, limits, ended.baseline_bytes
        return child_report(ended.watch, ended.exit, limits, request.name, ended.baseline_bytes)

    def close(self) -> None:
        """End the process that is ready, if there is one."""
        ready, self._ready = self._ready, None
        if ready is not None:
            ready.end(decided=True)

    def _run(self, request: RunRequest, limits: Limits, unwanted: threading.Event | None) -> _Ended:
        """Raises WarmProcessError."""
        argument = request.model_dump(mode="json")
        on_host = request.device in ON_HOST
        if self._ready is not None and on_host and limits == self._limits:
            ready, self._ready = self._ready, None
            with contextlib.suppress(WarmProcessError):
                ready.order(argument)
                return self.sandbox._followed(ready, unwanted, self._baseline_bytes)
        self.close()
        runs_on = self._runs_on and on_host
        return self.sandbox._execute("run", argument, request.device, limits, unwanted, runs_on)


_Made = TypeVar("_Made")


class _Ended(NamedTuple):
    watch: Watch
    exit: Exit | None
    baseline_bytes: int
    ready: Child | None
    """Awaits its next run."""


def _process_limits(limits: Limits, device: str | None, level: Level) -> dict[str, int | None]:
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
        "disk_bytes": limits.disk_bytes,
        "processes": limits.processes,
        "level": int(level),
        "accelerator": device not in ON_HOST,
    }
