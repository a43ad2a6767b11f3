"""A real Dask scheduler and real worker processes on the loopback interface."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.command import environment

START_SECONDS = 60.0


@contextlib.contextmanager
def cluster(folder: Path, workers: int, **changes: str) -> Iterator[str]:
    """The address of a scheduler with ``workers`` that are started again when they die. ``changes`` are made
    to the environment; whatever they print is kept in ``folder``."""
    found = folder / "scheduler.json"
    common = ["--no-dashboard", "--scheduler-file", str(found)]
    with contextlib.ExitStack() as stack:
        own = ["--host", "127.0.0.1", "--port", "0"]
        stack.enter_context(_running(folder, "scheduler", *common, *own, **changes))
        address = _address(found)
        own = ["--nworkers", str(workers), "--nthreads", "1", "--preload", "tests.mortal_worker"]
        own += ["--local-directory", str(folder)]
        stack.enter_context(_running(folder, "worker", *common, *own, **changes))
        yield address


@contextlib.contextmanager
def _running(folder: Path, *arguments: str, **changes: str) -> Iterator[None]:
    with (folder / f"{arguments[0]}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            env=environment(**changes),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(found: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads(found.read_text())["address"])
        time.sleep(0.1)
    raise AssertionError("the scheduler did not start")
