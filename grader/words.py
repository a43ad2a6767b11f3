"""Numbers, shapes and lists in words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from grader.records import Place


def number(value: float) -> str:
    """Four significant digits: ``-10.31``, ``0.0025``, ``nan``."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return f"{value:.4g}"


def numbers(values: Sequence[float] | None) -> str:
    """One number as it is, several in brackets; ``None`` for no values."""
    if values is None:
        return "None"
    if len(values) == 1:
        return number(values[0])
    return "[" + ", ".join(number(value) for value in values) + "]"


def shape(sizes: Sequence[int]) -> str:
    """A shape as Python writes a tuple: ``()``, ``(1,)``, ``(200, 1)``."""
    return str(tuple(sizes))


def listing(items: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


_NAMELESS = re.compile(
    r"`(the (?:column|loss|parameter|tensor)|this tensor|a parameter|a tensor|one of them)`"
)


def plainly(sentence: str) -> str:
    """A message in which what has no name of its own is not written as though it were code."""
    found = _NAMELESS.sub(r"\1", sentence)
    return found[:1].upper() + found[1:] if found[:1] != sentence[:1] else found


def code(names: Sequence[str]) -> str:
    """Names in backticks, listed."""
    return listing([f"`{name}`" for name in names])


def place(where: Place) -> str:
    """``line 12``, or of a notebook ``cell 3, line 2``."""
    return f"line {where}" if isinstance(where, int) else f"cell {where.cell}, line {where.line}"


def plural(count: int, word: str) -> str:
    """``1 step``, ``3 steps``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def fitted(names: Sequence[str], values: Sequence[float] | None) -> str:
    """``a = 1.498, b = -2.000``."""
    if values is None:
        return "nothing that can be read as numbers"
    pairs = zip(names, values, strict=False)
    return ", ".join(f"{name} = {_three_decimals(value)}" for name, value in pairs)


def _three_decimals(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}" if abs(value) < 1e6 else number(value)


def first_line(message: str, most: int = 140) -> str:
    """The first line of a message of torch's or Python's, cut where it is long, with no full stop."""
    line = next((line.strip() for line in message.splitlines() if line.strip()), "")
    return (line[: most - 1] + "…" if len(line) > most else line).rstrip(".")
