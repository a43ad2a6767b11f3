"""`grader hint`, `list` and `start`: what students get of the course."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.app import (
    PASSED,
    Exercises,
    app,
    course_at,
)
from grader.cli.terminal import complain, show
from grader.errors import UsageError


@app.command()
def hint(
    context: typer.Context,
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="Its id; grader list shows them.")],
    *,
    every: Annotated[bool, typer.Option("--all", help="Show all of them at once.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Begin again with the first.")] = False,
    exercises: Exercises = None,
) -> int:
    """Unfold one more hint each time."""
    from grader.hints import HintMemory, unfold
    from grader.report.lesson import hints_shown

    if every and restart:
        raise UsageError("--all shows every hint, --restart begins with the first: name one of them.")
    course = course_at(context, exercises)
    chosen = course.exercise(exercise)
    memory = HintMemory(course.root)
    show(hints_shown(course, chosen, unfold(chosen, memory, every=every, restart=restart)))
    if memory.problem:
        complain(memory.problem)
    return PASSED


@app.command("list")
def list_(context: typer.Context, exercises: Exercises = None) -> int:
    """List the exercises, in the lesson's order."""
    from grader.report.lesson import exercise_list

    show(exercise_list(course_at(context, exercises)))
    return PASSED


@app.command()
def start(
    context: typer.Context,
    exercise: Annotated[
        str | None, typer.Argument(metavar="EXERCISE", help="Its id; grader list shows them.")
    ] = None,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to put it.")] = Path(),
    every: Annotated[
        Path | None, typer.Option("--all", metavar="FOLDER", help="Hand out all of them, to this folder.")
    ] = None,
    exercises: Exercises = None,
) -> int:
    """Hand out the template of an exercise."""
    from grader.handing_out import hand_out, hand_out_all
    from grader.report.lesson import all_handed_out, handed_out

    if (exercise is None) == (every is None):
        raise UsageError("Name one exercise (grader list shows them), or all of them with --all FOLDER.")
    course = course_at(context, exercises)
    if every is not None:
        show(all_handed_out(course, every, *hand_out_all(course, every)))
    elif exercise is not None:
        chosen = course.exercise(exercise)
        show(handed_out(course, chosen, hand_out(course, chosen, folder)))
    return PASSED
