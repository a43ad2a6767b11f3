"""The limit: the reference's calls made directly, in a process that imports torch and nothing of ours.

    python benchmarks/bare.py CALLS.json REFERENCE.py

``CALLS.json`` is a list of ``[x, y, lr, steps]`` with plain numbers. Prints the seconds that the calls took,
torch's import left out.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from pathlib import Path

import torch


def main() -> None:
    """Make the calls and print how long they took."""
    torch.set_num_threads(1)
    calls = json.loads(Path(sys.argv[1]).read_text())
    fit = runpy.run_path(sys.argv[2])["fit"]
    started = time.perf_counter()
    for x, y, lr, steps in calls:
        fit(torch.tensor(x), torch.tensor(y), lr, steps)
    print(time.perf_counter() - started)


main()
