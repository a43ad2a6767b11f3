"""`grader watch`: one submission, again at every save."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.app import (
    PASSED,
    Exercises,
    app,
    course_at,
)
from grader.cli.ending import StoppedError, TerminatedError, status_of
from grader.cli.terminal import console, stdout

if TYPE_CHECKING:
    from grader.sandbox import Sandbox
    from grader.watching import Regraded


@app.command()
def watch(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The submission.")],
    *,
    exercise: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Which exercise it is; else the file's name says it."),
    ] = None,
    exercises: Exercises = None,
) -> int:
    """Grade a file again at every save. Ctrl-C ends it, with status 0."""
    from grader.submission import read_submission
    from grader.watching import regrade

    chosen = course_at(context, exercises).exercise_of(file, exercise)
    read_submission(file, chosen)  # a file that is wrong now was named wrongly
    try:
        _watch(file, lambda sandbox: regrade(file, chosen, sandbox))
    except TerminatedError as stop:
        raise StoppedError("stopped.", status_of(stop)) from None
    except KeyboardInterrupt:
        stdout("\nStopped watching.")
    return PASSED


def _watch(file: Path, regrade: Callable[[Sandbox], Iterator[Regraded]]) -> None:
    """Show what comes of every save, each report in the place of the one before."""
    from datetime import datetime

    from grader.clean import terminal
    from grader.report.brief import brief_report, watching
    from grader.sandbox import Sandbox

    screen, waiting = console(sys.stdout), console(sys.stderr)
    with Sandbox() as sandbox:
        reports = regrade(sandbox)
        with waiting.status("Running your code"):
            report = next(reports)
        while True:
            screen.clear()
            screen.print(brief_report(report.result) if report.result else terminal(report.problem + "\n"))
            screen.print(watching(str(file), datetime.now(), report.seconds))
            report = next(reports)
