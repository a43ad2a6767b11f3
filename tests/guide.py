"""Follows ``docs/write-your-own-exercise.md`` to the letter, as somebody would who has seen nothing else."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Container, Iterator
from pathlib import Path

from tests.command import ROOT, grader

GUIDE = ROOT / "docs" / "write-your-own-exercise.md"
_STEP = re.compile(
    r"^```console\n(?P<commands>.*?)^```$"
    r"|^`(?P<file>[\w./-]+)`:\n\n```python\n(?P<text>.*?)^```$"
    r"|^\| `(?P<edited>[\w./]+)` \| `(?P<old>[^`]+)` \| `(?P<new>[^`]+)` \|$",
    re.MULTILINE | re.DOTALL,
)


def follow(
    folder: Path, skipped: Container[str] = ()
) -> Iterator[tuple[str, subprocess.CompletedProcess[bytes]]]:
    """Do every step in ``folder``, in order; each command with what came of it."""
    course = ""
    for step in _STEP.finditer(GUIDE.read_text("utf-8")):
        if step["commands"]:
            for line in step["commands"].splitlines():
                words = shlex.split(line.removeprefix("$ "))
                course = words[-1]
                if line.removeprefix("$ ") in skipped:
                    continue
                yield (
                    line,
                    grader(*words[1:], cwd=folder, COLUMNS="200", XDG_STATE_HOME=str(folder / "state")),
                )
        elif step["file"]:
            (folder / step["file"]).write_text(step["text"], "utf-8")
        else:
            _replace(folder / course / step["edited"], step["old"], step["new"])


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"the guide replaces '{old}', which is not in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")
