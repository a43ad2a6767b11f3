"""What a class would be graded under now, found out without importing torch, which takes a second or more.

Nothing is ever run in what is started here. It says whether the results of an earlier time still stand.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.sandbox.warm import WarmProcess

if TYPE_CHECKING:
    from grader.sandbox.isolation import Level

BARE = "grader.child.bare"
_VERSION = re.compile(r"^__version__ = '([^'\n]+)'$", re.MULTILINE)


@contextlib.contextmanager
def bare() -> Iterator[WarmProcess]:
    """A warm process without torch, which is starting; closed in the end."""
    warm = WarmProcess(BARE)
    with contextlib.suppress(GraderError):  # said again, and not suppressed, where torch is needed
        warm.launch()
    try:
        yield warm
    finally:
        warm.close()


def level_here(warm: WarmProcess) -> Level | None:
    """What a run would be held to, by the same probes; None where none could be made."""
    from grader.sandbox.sandbox import Sandbox

    try:
        return Sandbox(warm=warm).level
    except GraderError:
        return None


def torch_version() -> str | None:
    """The version that the warm process would say, from torch's own file; None where it is not told."""
    try:
        found = importlib.util.find_spec("torch")
        text = (Path(found.origin).parent / "version.py").read_text("utf-8") if found and found.origin else ""
    except (ImportError, ValueError, OSError):
        return None
    told = _VERSION.search(text)
    return told[1] if told else None
