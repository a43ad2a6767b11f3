"""`grader new`: an exercise of one's own."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from grader.cli.app import (
    PASSED,
    Exercises,
    app,
)
from grader.cli.terminal import show


class Kind(StrEnum):
    """What a new exercise asks for."""

    fit = "fit"
    function = "function"


@app.command()
def new(
    context: typer.Context,
    exercise: Annotated[str, typer.Argument(metavar="ID", help="The new exercise's id.")],
    *,
    kind: Annotated[
        Kind, typer.Option(help="A curve to fit by a training loop, or a function that must answer.")
    ] = Kind.fit,
    exercises: Exercises = None,
) -> int:
    """Make a new exercise: a small one that works, to be edited."""
    from grader.report.lesson import made_new
    from grader.skeleton import course_folder, new_exercise

    root = course_folder(exercises or context.obj)
    show(made_new(root, exercise, new_exercise(root, exercise, kind)))
    return PASSED
