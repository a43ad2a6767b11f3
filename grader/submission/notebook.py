"""Reads a notebook's file: what kind of notebook it is, and the source of every cell."""

from __future__ import annotations

import json
import re
from typing import Any

from grader.clean import one_line
from grader.submission.cells import joined
from grader.submission.text import Text, trouble

MOST_NOTEBOOK_BYTES = 16 * 1024 * 1024
"""The largest notebook that is looked at: most of a large one is the pictures among its outputs."""
FORMAT = 4
_NOT_PYTHON = re.compile(r"(ir|julia|javascript|deno|xcpp|bash|sas|matlab|octave|scala|sql)\b", re.IGNORECASE)
_AGAIN = "Open it in Jupyter or Colab and save it again."


def looks_like_a_notebook(data: bytes) -> bool:
    """Whether a file is a notebook under another name."""
    return data.lstrip()[:1] == b"{" and b'"nbformat"' in data and b'"cells"' in data


def read_notebook(data: bytes) -> Text:
    """The notebook's code, or the one problem with it. Outputs and what is no code are not looked at."""
    if len(data) > MOST_NOTEBOOK_BYTES:
        return trouble(
            f"The notebook is larger than {MOST_NOTEBOOK_BYTES // 1024**2} MiB: clear its outputs, save it,"
            " and hand it in again."
        )
    try:
        return _read(data)
    except RecursionError:
        return trouble(f"The notebook's JSON is nested too deeply to be one. {_AGAIN}")


def _read(data: bytes) -> Text:
    if not data.strip():
        return trouble("The notebook's file is empty: save the notebook, and hand it in again.")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return trouble(
            "The file is no notebook: what is in it is not JSON. If it is a Python file, let its name end"
            " in .py."
        )
    if not isinstance(content, dict) or ("nbformat" not in content and "cells" not in content):
        return trouble(f"The file is JSON, but no notebook. {_AGAIN}")
    problem = _other_version(content) or _other_language(content.get("metadata"))
    return trouble(problem) if problem else _joined(content)


def _other_version(content: dict[str, Any]) -> str:
    version = content.get("nbformat")
    if type(version) is int and version == FORMAT:
        return ""
    named = f"version {version}" if type(version) is int and abs(version) < 1000 else "no known version"
    return (
        f"The notebook is in {named} of the notebook format, and version {FORMAT} is what can be read."
        f" {_AGAIN}"
    )


def _other_language(metadata: object) -> str:
    """What is wrong where the notebook says that its kernel runs no Python; one that says nothing may."""
    described = metadata if isinstance(metadata, dict) else {}
    info, kernel = (
        part if isinstance(part, dict) else {}
        for part in (described.get("language_info"), described.get("kernelspec"))
    )
    language = info.get("name") or kernel.get("language")
    if language is None and _NOT_PYTHON.match(str(kernel.get("name"))):
        language = kernel.get("display_name") or kernel.get("name")
    if not isinstance(language, str) or language.strip().lower() in ("python", "python3", "ipython", ""):
        return ""
    return (
        f"The notebook's kernel runs {one_line(language, 40)}, not Python: choose a Python kernel, and write"
        " it in Python."
    )


def _joined(content: dict[str, Any]) -> Text:
    cells = _cells(content)
    return trouble(cells) if isinstance(cells, str) else joined(cells)


def _cells(content: dict[str, Any]) -> list[tuple[str, str]] | str:
    """The kind and the source of every cell, as nbformat reads them; else what is wrong with one."""
    import nbformat  # late: only a class with a notebook in it pays for it
    from nbformat.v4.rwbase import rejoin_lines

    cells = content.get("cells")
    if not isinstance(cells, list):
        return f"The notebook is not written as the notebook format has it: it has no list of cells. {_AGAIN}"
    for number, cell in enumerate(cells, 1):
        if not _is_cell(cell):
            return f"Cell {number} of the notebook is not written as the notebook format has it. {_AGAIN}"
    # No more than is read: whatever is wrong with an output is no matter here.
    bare = [{"cell_type": cell["cell_type"], "source": cell["source"]} for cell in cells]
    node = nbformat.from_dict({"cells": bare})  # type: ignore[no-untyped-call]
    return [(c.cell_type, c.source) for c in rejoin_lines(node).cells]  # type: ignore[no-untyped-call]


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return False
    source = cell.get("source")
    return isinstance(source, str) or (isinstance(source, list) and all(isinstance(s, str) for s in source))
