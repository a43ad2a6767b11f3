"""Runs the real command, as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment(**changes: str) -> dict[str, str]:
    """This process's environment with the package on the path and 80 columns."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "80", **changes}


def command(*arguments: str | Path) -> list[str]:
    """The argument list of ``grader``."""
    return [sys.executable, "-m", "grader", *map(str, arguments)]


def grader(
    *arguments: str | Path, cwd: Path | None = None, patience: float = 100, **changes: str
) -> subprocess.CompletedProcess[bytes]:
    """Run ``grader`` to its end; bytes, so that encodings can be looked at."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd or ROOT,
        env=environment(**changes),
        capture_output=True,
        timeout=patience,
        check=False,
    )


def complaint(ran: subprocess.CompletedProcess[bytes]) -> str:
    """What it said on stderr: one line, or the test fails."""
    text = ran.stderr.decode()
    assert text.startswith("grader: "), text
    assert text.count("\n") == 1, text
    return text.removeprefix("grader: ").rstrip("\n")
