"""Where a submission lies, as other systems want it: from the folder that the command runs in."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from urllib.parse import quote


def relative(path: str) -> str:
    """The path below the current folder; one that leads elsewhere stays what it is."""
    try:
        inside = Path(os.path.abspath(path)).relative_to(Path.cwd())  # noqa: PTH100 - links stay links
    except (ValueError, OSError):
        return path
    return inside.as_posix()


def uri(path: str) -> str:
    """A reference that is relative where the path is below the current folder, and never empty."""
    inside = relative(path)
    named = quote(inside.encode("utf-8", "surrogatepass"), safe="/")
    if PurePath(inside).is_absolute():
        return f"file://{named}"
    return named or "submission"
