"""What a step on the simulated device costs: ``python -m benchmarks.simulated``.

The quadratic's loop of 200 steps, side by side on the CPU and on ``sim``, in turns, several times.
"""

from __future__ import annotations

import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from grader.child import simulated

STEPS = 200
ROUNDS = 7


def loop(device: str) -> list[float]:
    """Fit a quadratic as the lesson does, and return what was found."""
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 100, device=device)
    y = 3 * x**2 - 2 * x + 1
    a, b, c = (torch.randn(1, device=device, requires_grad=True) for _ in range(3))
    for _ in range(STEPS):
        loss = (a * x**2 + b * x + c - y).pow(2).mean()
        torch.autograd.backward(loss)
        with torch.no_grad():
            for parameter in (a, b, c):
                assert parameter.grad is not None
                parameter.sub_(0.1 * parameter.grad)
                parameter.grad.zero_()
    return [a.item(), b.item(), c.item()]


def seconds(device: str) -> float:
    started = time.perf_counter()
    loop(device)
    return time.perf_counter() - started


def main() -> None:
    torch.set_num_threads(1)
    started = time.perf_counter()
    assert simulated.set_up(), simulated.reason()
    set_up = time.perf_counter() - started
    assert loop("cpu") == loop("sim")
    pairs = [(seconds("cpu"), seconds("sim")) for _ in range(ROUNDS)]
    cpu, sim = (statistics.median(times) / STEPS for times in zip(*pairs, strict=True))
    ratio = statistics.median(there / here for here, there in pairs)
    print(f"set up: {set_up * 1e3:.0f} ms, once a process")
    print(f"one step: {cpu * 1e6:.0f} µs on the CPU, {sim * 1e6:.0f} µs on sim, {ratio:.1f} times as long")
    print("what was fitted is the same, bit for bit")


if __name__ == "__main__":
    main()
