"""Notebooks, made as Jupyter writes them."""

from __future__ import annotations

import json
from typing import Any

Cell = str | tuple[str, str]


def notebook(*cells: Cell, metadata: dict[str, Any] | None = None, **top: Any) -> bytes:
    """A notebook's file; a cell that is a text is code, one of another kind is ``(kind, text)``."""
    content = {
        "cells": [cell(*(("code", each) if isinstance(each, str) else each)) for each in cells],
        "metadata": {"language_info": {"name": "python"}} if metadata is None else metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
        **top,
    }
    return json.dumps(content).encode()


def cell(kind: str, source: str, **more: Any) -> dict[str, Any]:
    """One cell, its source as a list of lines."""
    made: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source.splitlines(True)}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    return made | more
