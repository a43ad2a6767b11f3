"""Hands out templates. A student's file is never written over."""

from __future__ import annotations

from pathlib import Path

from grader.errors import AlreadyThere, CourseError
from grader.exercise import Course, Exercise
from grader.report.files import copy_new


def hand_out(course: Course, exercise: Exercise, folder: Path) -> Path:
    """Write one template into ``folder``; the file that it is in.

    Raises:
        CourseError: the exercise has no template.
        AlreadyThere: a file is there already, which is left as it is.
        UsageError: none can be made.
    """
    template, target = course.template(exercise.id), folder / f"{exercise.id}.py"
    if not template.is_file():
        raise CourseError(f"There is no template '{template}': grader verify says what else is missing.")
    copy_new(template, target)
    return target


def hand_out_all(course: Course, folder: Path) -> tuple[list[str], list[str]]:
    """Write every template; the names of the files that were written, and of those that were there already.

    Raises:
        UsageError: a file cannot be made.
    """
    written: list[str] = []
    kept: list[str] = []
    for exercise in course.exercises():
        name = f"{exercise.id}.py"
        try:
            hand_out(course, exercise, folder)
            written.append(name)
        except AlreadyThere:
            kept.append(name)
    return written, kept
