"""The lesson for a terminal: its exercises in order, and what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.clean import one_line, terminal
from grader.exercise import Course, Exercise
from grader.hints import Unfolded
from grader.report.text import prose
from grader.report.wording import number


def exercise_list(course: Course) -> RenderableType:
    """Every exercise with its id, title, section and points, in the lesson's order."""
    exercises = course.exercises()
    if not exercises:
        empty = f"The course in {course.root} has no exercise yet. grader new ID makes one."
        return terminal(empty)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    for exercise in exercises:
        about = terminal(one_line(exercise.title))
        about.append_text(terminal(f"\n{one_line(exercise.section)}", "dim"))
        table.add_row(terminal(exercise.id, "bold"), about, terminal(_points(exercise)))
    return Group(table, Text(""), terminal(f"Begin with: {_begin(course, exercises[0])}", "dim"))


def _points(exercise: Exercise) -> str:
    return f"{number(exercise.max_score)} points"


def _begin(course: Course, exercise: Exercise) -> str:
    return again(course, "start", exercise.id)


def handed_out(course: Course, exercise: Exercise, target: Path) -> Text:
    """What ``grader start`` says of one template."""
    return terminal(
        f"Wrote {target}. {exercise.task}\n\n"
        f"  To see how you are doing   {again(course, 'check', str(target))}\n"
        f"  At every save              {again(course, 'watch', str(target))}\n"
        f"  When you are stuck         {again(course, 'hint', exercise.id)}"
    )


def all_handed_out(course: Course, folder: Path, written: Sequence[str], kept: Sequence[str]) -> Text:
    """What ``grader start --all`` says."""
    lines = [f"Wrote into {folder}, in the lesson's order: {', '.join(written)}."] if written else []
    if kept:
        lines.append(f"There already, and left as it is: {', '.join(kept)}.")
    first = (*written, *kept)[0]
    lines.append(f"Begin with {folder / first}, then: {again(course, 'check', str(folder / first))}")
    return terminal("\n".join(lines))


def again(course: Course, *words: str) -> str:
    """A command to type next, which finds the same course again."""
    more = () if course.came_along else ("--exercises", str(course.root))
    return shlex.join(("grader", *words, *more))


def hints_shown(course: Course, exercise: Exercise, unfolded: Unfolded) -> RenderableType:
    """The hints, each with its number, and where to go from there."""
    parts: list[RenderableType] = []
    for number_, words in unfolded.numbered():
        parts += [terminal(f"{exercise.id}, hint {number_} of {unfolded.of}", "bold"), prose(words), Text("")]
    return Group(*parts, terminal(_afterwards(course, exercise, unfolded), "dim"))


def _afterwards(course: Course, exercise: Exercise, unfolded: Unfolded) -> str:
    more = again(course, "hint", exercise.id)
    if unfolded.last < unfolded.of:
        return f"The next one: {more}"
    file = f"{exercise.id}.py"
    further = (
        f"{again(course, 'check', file)} names the line to mend, grader explain PITFALL says why it bites."
    )
    if not unfolded.of:
        return f"{exercise.id} has no hints. {further}"
    if unfolded.hints:
        return f"That was the last hint. {further}"
    return (
        f"All {unfolded.of} hints of {exercise.id} have been shown: {more} --all shows them again,"
        f" --restart begins anew. {further}"
    )


def made_new(root: Path, exercise_id: str, written: Sequence[Path]) -> Text:
    """What ``grader new`` says: what is there now, and how to go on."""
    exercise, reference, template = written
    course = ("--exercises", str(root))
    return terminal(
        "Wrote a small exercise that works as it stands:\n"
        f"  {exercise}   what is given, what must come back, the points, the hints\n"
        f"  {reference}   a model solution\n"
        f"  {template}   what a student begins with\n\n"
        "Edit one thing at a time and prove it again after each:\n"
        f"  {shlex.join(('grader', 'verify', *course))}\n"
        f"  {shlex.join(('grader', 'check', str(reference), *course))}\n\n"
        f"A student begins with: {shlex.join(('grader', 'start', exercise_id, *course))}"
    )
