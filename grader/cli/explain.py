"""`grader explain`: the pitfalls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.app import (
    PASSED,
    app,
)
from grader.cli.terminal import show
from grader.errors import UsageError


@app.command()
def explain(
    name: Annotated[
        str | None, typer.Argument(metavar="PITFALL", help="Its id; none lists them all.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write it as a page instead.")] = None,
) -> int:
    """Say what a pitfall is, why it bites, and how to mend it."""
    from grader.pitfall import catalogue, pitfall
    from grader.report.reference_text import explanation, pitfall_list

    if html is not None:
        _write_reference(name, html)
    else:
        show(pitfall_list(catalogue().values()) if name is None else explanation(pitfall(name)))
    return PASSED


def _write_reference(name: str | None, out: Path) -> None:
    """A pitfall's page, written to ``out``."""
    from grader.clean import terminal
    from grader.pitfall import pitfall
    from grader.report.files import check_writable, write
    from grader.report.reference_page import reference_page

    if name is None:
        raise UsageError("--html writes the page of one pitfall: name it. grader explain lists them all.")
    entry = pitfall(name)
    check_writable(out)
    write(out, reference_page(entry))
    show(terminal(f"Wrote {out}."))
