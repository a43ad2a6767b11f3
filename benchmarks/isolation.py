"""What holding a submission in adds to a run: ``python -m benchmarks.isolation``.

The same small run, side by side at every level that this machine has, in turns, several times.
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack

from grader.records import RunRequest
from grader.sandbox import Level, Sandbox

ROUNDS = 40
MUST = 40.0
"""Milliseconds that a level may add to fork and run at most."""

RUN = RunRequest(
    name="line.py",
    source="import torch\ntorch.ones(1, requires_grad=True).backward()\n",
    form="script",
    device="cpu",
    seed=0,
    entry=None,
)


def main() -> None:
    """Print one row a level."""
    with ExitStack() as stack:
        sandboxes = {level: stack.enter_context(Sandbox(most=level)) for level in Level}
        held = {level: sandbox for level, sandbox in sandboxes.items() if sandbox.level == level}
        times: dict[Level, list[float]] = {level: [] for level in held}
        for _ in range(ROUNDS):
            for level, sandbox in held.items():
                times[level].append(milliseconds(sandbox))
    bare = statistics.median(times[Level.PROCESS])
    print(f"fork, hold in and run, over fork and run (medians of {ROUNDS} rounds, in turn)\n")
    print(f"{'level':<14}{'ms':>8}{'added ms':>10}{'ratio':>8}   must add < {MUST:.0f} ms")
    for level, found in times.items():
        middle = statistics.median(found)
        print(f"{level.name.lower():<14}{middle:8.1f}{middle - bare:10.1f}{middle / bare:8.2f}")


def milliseconds(sandbox: Sandbox) -> float:
    """Of one run, as the grader sees it."""
    started = time.perf_counter()
    report = sandbox.run(RUN)
    assert report.ending == "complete", report.detail
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
