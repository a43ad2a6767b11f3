"""What the commands print, and where to. Nothing else in the package prints."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def console(stream: object, quiet: bool = False) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False, quiet=quiet)  # type: ignore[arg-type]


def show(what: RenderableType) -> None:
    console(sys.stdout).print(what)


def stdout(text: str) -> None:
    """Plain UTF-8, whatever the terminal's encoding is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def complain(message: str) -> None:
    """One line to stderr."""
    from grader.clean import one_line

    sys.stderr.write(f"grader: {one_line(message, limit=1000)}\n")
