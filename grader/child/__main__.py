"""``python -m grader.child``: becomes the warm process. Started by the sandbox, not by hand."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import platform
import resource
import socket
import sys
from pathlib import Path
from types import ModuleType

from grader.child.confine import die_with, prepare
from grader.child.server import Server, send

WITHOUT_TORCH = "grader.child.bare"
"""The runner that needs none."""


def main() -> None:
    """Import torch and the runner, say "ready", and serve until the socket ends."""
    gc.disable()  # importing makes next to no garbage, and looking for it takes a seventh of the time
    options = _options()
    die_with(options.parent)
    connection = socket.socket(fileno=options.socket)
    connection.set_inheritable(False)
    version = "" if options.runner == WITHOUT_TORCH else _import_torch(connection)
    runner = importlib.import_module(options.runner)
    runner.prepare()
    _forget(options.forget)
    prepare()
    gc.freeze()  # a collection in a child would otherwise copy every page it looks at
    gc.enable()
    sys.stdout.flush()
    send(connection, _ready(version))
    Server(connection, runner).serve()
    os._exit(0)  # taking torch down in order takes longer than its whole use


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runner", required=True)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--forget")
    return parser.parse_args()


def _import_torch(connection: socket.socket) -> str:
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        torch: ModuleType = importlib.import_module("torch")
    except Exception as error:  # a broken installation raises what it likes
        send(connection, {"torch_failed": f"{type(error).__name__}: {error}"[:1000]})
        raise SystemExit(1) from error
    return str(torch.__version__)


def _forget(root: str | None) -> None:
    """Take the source checkout off the path: it holds the reference solutions."""
    os.environ.pop("PYTHONPATH", None)
    sys.path[:] = [entry for entry in sys.path if entry != root]


def _ready(version: str) -> dict[str, str | int]:
    return {
        "torch": version,
        "python": platform.python_version(),
        "memory_bytes": _resident_bytes(),
    }


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
