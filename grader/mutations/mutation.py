"""What a mistake made out of a right program is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """A wrong program that was right before one edit, and what it must be caught as."""

    name: str
    expected: tuple[str, ...]
    """The pitfall's id; more than one only where the contract allows more than one reading."""
    source: str
    line: int | None
    """Where the finding points in ``source``; None where any line will do."""
