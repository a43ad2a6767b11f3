"""`grader check`: one submission."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.app import (
    GRADER_FAILED,
    NOT_PASSED,
    PASSED,
    AcceptWeak,
    Exercises,
    Seconds,
    Verbose,
    app,
    course_at,
    limits,
    not_both,
    sandbox_for_others,
)
from grader.cli.terminal import console, show, stdout
from grader.errors import UsageError


class Format(StrEnum):
    """What ``check`` prints."""

    text = "text"
    json = "json"


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The submission, a .py or .ipynb file.")],
    *,
    exercise: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Which exercise it is; else the file's name says it."),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="A report to read, or one JSON object.")
    ] = Format.text,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT.html", help="Write the report as a page, too.")
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Grade on this device only; may be given repeatedly."),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(metavar="N", min=0, max=2**32 - 1, help="Use this seed; may be given repeatedly."),
    ] = None,
    verbose: Verbose = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", help="One line for scripts, like: failed 40/100 stale-gradient quadratic.py"
        ),
    ] = False,
    ci: Annotated[
        bool, typer.Option("--ci", help="The file is another's: run it only if it can be held in.")
    ] = False,
    accept_weak_isolation: AcceptWeak = False,
    seconds: Seconds = None,
    exercises: Exercises = None,
) -> int:
    """Grade one submission."""
    from grader.sandbox.warm import launched

    with launched() as warm:  # importing torch takes longest: all else is done meanwhile
        from datetime import UTC, datetime
        from functools import partial

        from grader.ahead import cores
        from grader.pipeline import get_ready, grade
        from grader.report.files import check_writable, write
        from grader.report.full_text import full_report
        from grader.report.json_text import result_json
        from grader.report.text import check_report, quiet_line
        from grader.sandbox import Sandbox
        from grader.submission import read_submission
        from grader.suggestion import suggesting

        not_both(verbose, quiet)
        chosen = course_at(context, exercises).exercise_of(file, exercise)
        submission = read_submission(file, chosen)
        if html is not None:
            _not_over(file, html)
            check_writable(html)
        sandbox = (
            sandbox_for_others(accept_weak_isolation, seconds, warm)
            if ci
            else Sandbox(limits(seconds), warm=warm)
        )
        with console(sys.stderr, quiet=quiet).status("Running your code"):
            get_ready(chosen)
            grade_one = partial(grade, devices=device or (), seeds=seed or (), at_once=cores())
            result = suggesting(grade_one, datetime.now(UTC))(submission, chosen, sandbox)
    if html is not None:
        from grader.report.html import html_report

        write(html, html_report(result))
    if format_ is Format.json:
        stdout(result_json(result, indent=2))
    elif quiet:
        stdout(quiet_line(result, str(file)))
    else:
        show(full_report(result) if verbose else check_report(result))
    return {"passed": PASSED, "failed": NOT_PASSED}.get(result.status, GRADER_FAILED)


def _not_over(file: Path, out: Path) -> None:
    if out.exists() and out.samefile(file):
        raise UsageError(f"--html '{out}' is the submission itself: name another file.")
