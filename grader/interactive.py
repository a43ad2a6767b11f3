"""``grader.check``: grades from a notebook's cell, or from any Python session."""

from __future__ import annotations

import atexit
import hashlib
import sys
from collections.abc import Callable
from functools import cache
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Any

from grader.errors import NoSource
from grader.exercise import Course, Exercise, find_course
from grader.gathering import Gathered, gather
from grader.pipeline import grade
from grader.records import Submission
from grader.report.checked import Checked
from grader.sandbox import Sandbox
from grader.session import Namespace, module_cells, session_cells
from grader.submission import form_of, read_submission

_one_at_a_time = Lock()


def check(
    what: str | PathLike[str],
    /,
    *,
    exercise: str | None = None,
    exercises: str | PathLike[str] | None = None,
    **functions: Callable[..., Any],
) -> Checked:
    """Grade functions of this notebook, or a file.

    ``check("line")`` grades the function that the exercise asks for as it is defined here now;
    ``check("line", fit=my_fit)`` another one in its place; ``check("line.py")`` a file, of the exercise that
    its name says or ``exercise`` names. ``exercises`` is the folder of a course of one's own.

    Raises:
        NoSource: the text of a function cannot be had.
        UsageError: there is no such exercise or file.
        SandboxError: nothing could be run: the grader's fault.
    """
    course = find_course(Path(exercises) if exercises is not None else None)
    if _is_path(what, course):
        path = Path(what)
        return _graded(_of_file(path, course.exercise_of(path, exercise, "exercise=")))
    chosen = course.exercise(str(what))
    return _graded(_of_functions(chosen, functions, sys._getframe(1).f_globals))


def _is_path(what: str | PathLike[str], course: Course) -> bool:
    if not isinstance(what, str):
        return True
    return what not in course.exercise_ids() and (Path(what).suffix != "" or "/" in what)


_Asked = tuple[Submission, Exercise, Gathered | None]


def _of_file(path: Path, exercise: Exercise) -> _Asked:
    return read_submission(path, exercise), exercise, None


def _of_functions(exercise: Exercise, given: dict[str, Callable[..., Any]], here: Namespace) -> _Asked:
    names = [entry.name for entry in exercise.entries]
    if unknown := [name for name in given if name not in names]:
        raise NoSource(f"{exercise.id} has no function `{unknown[0]}`: it asks for {', '.join(names)}.")
    wanted = {name: (name, here) for name in names if name in here}
    wanted.update({name: _name_of(name, function, here) for name, function in given.items()})
    if not wanted:
        raise NoSource(_nothing(exercise))
    cells = session_cells() or [cell for _, space in wanted.values() for cell in module_cells(space)]
    text = gather(wanted, cells)
    return _submission(text.source, exercise), exercise, text


def _name_of(name: str, function: Callable[..., Any], here: Namespace) -> tuple[str, Namespace]:
    """The name that a function is bound to, and in which namespace."""
    own: Namespace = getattr(function, "__globals__", here)
    for namespace in (own, here):
        for known in (getattr(function, "__name__", name), *namespace):
            if known.isidentifier() and namespace.get(known) is function:
                return known, namespace
    raise NoSource(
        f"The function given as `{name}` has no name at the top level of a cell, so its text cannot be had:"
        " give one that a cell defines with `def`."
    )


def _nothing(exercise: Exercise) -> str:
    entry = exercise.entries[0]
    return (
        f"Nothing to grade: no function `{entry.name}` is defined here. Define"
        f" {entry.name}({', '.join(entry.parameters)}) in a cell and run it, or hand another one over:"
        f' check("{exercise.id}", {entry.name}=my_function).'
    )


def _submission(source: str, exercise: Exercise) -> Submission:
    return Submission(
        name=exercise.id,
        path=f"{exercise.id}.py",
        sha256=hashlib.sha256(source.encode("utf-8", "replace")).hexdigest(),
        form=form_of(source, exercise),
        source=source,
    )


def _graded(asked: _Asked) -> Checked:
    submission, exercise, text = asked
    with _one_at_a_time:
        return Checked(grade(submission, exercise, _sandbox()), text.places if text else ())


@cache
def _sandbox() -> Sandbox:
    """One for the whole session: only its first check waits for torch."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox
