"""Edits that may mend a mistake, a file for each family. The folder is the list.

Each file has ``MENDS``: for a pitfall the functions that propose changes, the one that the lesson would make
first. What they propose is a guess from the finding and the syntax tree; ``grader.suggestion.proof`` runs it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache

from grader.records import Finding
from grader.suggestion.program import Program
from grader.suggestion.text import Change

Mend = Callable[[Program, Finding], Iterator[Change]]


@cache
def mends() -> dict[str, tuple[Mend, ...]]:
    """What may be tried for each pitfall."""
    found: dict[str, tuple[Mend, ...]] = {}
    for module in pkgutil.iter_modules(__path__):
        family = importlib.import_module(f"{__name__}.{module.name}")
        for pitfall, functions in family.MENDS.items():
            found[pitfall] = (*found.get(pitfall, ()), *functions)
    return found
