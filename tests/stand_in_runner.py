"""A runner with no recorder: the sandbox's tests do not depend on the real one."""

from __future__ import annotations

import os
import platform
import time
from pathlib import PurePosixPath
from typing import Any

import torch


def prepare() -> None:
    """One small backward pass, as the real one makes."""
    torch.autograd.backward(torch.ones(2, requires_grad=True).sum())


def get_ready(request: dict[str, Any]) -> None:
    """Nothing that a source needs is imported late."""


def devices() -> list[str]:
    """What a machine with no accelerator has."""
    return ["cpu"]


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run the source as a script, and return the smallest trace that there is."""
    started = time.monotonic()
    outcome: dict[str, Any] = {"outcome": "returned"}
    path = os.path.join(os.getcwd(), PurePosixPath(request["name"]).name)  # noqa: PTH109, PTH118
    try:
        exec(compile(request["source"], path, "exec"), {"__name__": "__main__"})  # noqa: S102
    except SystemExit as error:
        outcome = {"outcome": "exited", "exit_status": str(error.code)}
    except Exception as error:  # noqa: BLE001 - the submission's own
        raised = {"type": type(error).__name__, "message": str(error)[:300], "line": None}
        outcome = {"outcome": "raised", "raised": raised}
    seconds = time.monotonic() - started
    versions = {"torch": str(torch.__version__), "python": platform.python_version()}
    return {**outcome, "stage": "call", "seconds": seconds, **versions}
