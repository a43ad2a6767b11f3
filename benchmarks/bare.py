"""The limit: the model solution's calls made directly, in a process that does nothing else.

    python benchmarks/bare.py CALLS.json REFERENCE.py [--times N]

``CALLS.json`` is a list of ``[device, x, y, lr, steps]`` with plain numbers. Calls on ``sim`` need the
simulated device, which is the grader's, and is set up before anything is timed. Prints the seconds that the
calls took.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import torch


def main() -> None:
    """Make the calls and print how long they took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("calls", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    calls = json.loads(options.calls.read_text())
    if any(device == "sim" for device, *_ in calls):
        from grader.child import simulated

        assert simulated.set_up(), simulated.reason()
    fit = runpy.run_path(str(options.reference))["fit"]
    started = time.perf_counter()
    for _ in range(options.times):
        for device, x, y, lr, steps in calls:
            fit(torch.tensor(x, device=device), torch.tensor(y, device=device), lr, steps)
    print(time.perf_counter() - started)


main()
