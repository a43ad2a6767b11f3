"""A runner that runs nothing and imports no torch: its warm process is there in a tenth of a second, and
shows what a run would be held to here."""

from __future__ import annotations


def prepare() -> None:
    """There is nothing to make ready."""
