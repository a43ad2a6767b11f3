"""Runs of one submission, side by side: the next one is begun while the one before it goes on.

A run that comes to nothing makes the others needless, and most of these come to nothing at once. So the next
is begun only when the one before has gone on for a while, and is stopped where it is not wanted after all.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Protocol

from grader.records import ChildReport, Limits, RunRequest

if TYPE_CHECKING:
    from grader.sandbox import Sandbox, Sitting

BEGINS_AFTER_SECONDS = 0.05


class Runs(Protocol):
    """What makes runs: a sandbox, a sitting in it, or this."""

    def run(self, request: RunRequest, limits: Limits | None = None) -> ChildReport:
        """Make one run."""


class Ahead:
    """Makes the runs of a plan, asked for in its order; some may be left out."""

    def __init__(self, sandbox: Sandbox, plan: Sequence[RunRequest], most: int) -> None:
        """``most``: how many runs may go on at once."""
        self._sandbox = sandbox
        self._plan = list(plan)
        self._most = most
        self._pool = ThreadPoolExecutor(most, "run")
        self._unwanted = threading.Event()
        self._begun: dict[int, Future[ChildReport]] = {}

    def run(self, request: RunRequest, limits: Limits | None = None) -> ChildReport:
        """The report of a run, which may have been begun already. Raises SandboxError."""
        place = next((i for i, planned in enumerate(self._plan) if planned is request), None)
        if place is None or limits is not None:
            return self._sandbox.run(request, limits)
        awaited = self._begin(place)
        following = iter(range(place + 1, len(self._plan)))
        while not awaited.done():
            going = [future for future in self._begun.values() if not future.done()]
            wait(going, BEGINS_AFTER_SECONDS, FIRST_COMPLETED)
            if not awaited.done() and sum(not future.done() for future in going) < self._most:
                self._begin(next(following, place))
        return awaited.result()

    def close(self) -> None:
        """Stop what was begun and is not wanted."""
        self._unwanted.set()
        self._pool.shutdown(cancel_futures=True)

    def _begin(self, place: int) -> Future[ChildReport]:
        if place not in self._begun:
            request = self._plan[place]
            self._begun[place] = self._pool.submit(self._sandbox.run, request, None, self._unwanted)
        return self._begun[place]


@contextlib.contextmanager
def ahead(sitting: Sitting, plan: Sequence[RunRequest], most: int) -> Iterator[Runs]:
    """What makes the runs of ``plan``, at most so many of them at once: one after the other in one process,
    as far as that can be, or side by side."""
    if most <= 1:
        yield sitting
        return
    runs = Ahead(sitting.sandbox, plan, most)
    try:
        yield runs
    finally:
        runs.close()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
