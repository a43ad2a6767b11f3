"""`grader verify`: the gate of an exercises repository."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.app import (
    NOT_PASSED,
    PASSED,
    Exercises,
    app,
    course_at,
)
from grader.cli.terminal import console, show


@app.command()
def verify(
    context: typer.Context,
    junit: Annotated[
        Path | None, typer.Option(metavar="OUT.xml", help="Write what was proved as JUnit XML.")
    ] = None,
    exercises: Exercises = None,
) -> int:
    """Prove every exercise: references pass, templates do not, mistakes are caught."""
    from grader.report import junit as xml
    from grader.report.files import check_writable, write
    from grader.report.proof import proof
    from grader.verify import verify_course

    course = course_at(context, exercises)
    if junit is not None:
        check_writable(junit)
    with console(sys.stderr).status("Proving every exercise") as status:
        count = itertools.count(1)
        checks = verify_course(course, lambda check: status.update(f"{next(count)}: {check.name}"))
    if junit is not None:
        write(junit, xml.junit(checks))
    show(proof(checks))
    return PASSED if all(check.passed for check in checks) else NOT_PASSED
