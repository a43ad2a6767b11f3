"""Makes a new exercise: a small one that works, to be edited into the one that is meant."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.resources import files
from pathlib import Path
from string import Template

from grader.errors import AlreadyThere, CourseError, UsageError
from grader.report.files import write

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
SHADOWED = frozenset({"torch", "numpy", "grader", "pytest"})
"""Beside Python's own: a student's file of such a name would be imported in the place of the module."""
FOLDERS = {"exercises": "exercise", "reference": "reference", "student_template": "template"}
"""Where each of the three files goes, and what its skeleton is called."""


def new_exercise(root: Path, exercise_id: str, kind: str) -> list[Path]:
    """Write the three files of an exercise below ``root``, making its folders. All or none.

    ``kind`` is a folder of ``skeletons/``.

    Raises:
        UsageError: the id cannot be an exercise's, or a file cannot be written.
        AlreadyThere: one of the files is there already; nothing is written.
    """
    check_id(exercise_id)
    text_of = {
        root / folder / f"{exercise_id}.py": Template(_text(kind, part)).substitute(id=exercise_id)
        for folder, part in FOLDERS.items()
    }
    for path in text_of:
        if path.exists() or path.is_symlink():
            raise AlreadyThere(f"'{path}' is there already, and is left as it is: nothing was written.")
    written: list[Path] = []
    try:
        for path, text in text_of.items():
            _make_folder(path.parent)
            write(path, text)
            written.append(path)
    except UsageError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written


def course_folder(named: Path | None) -> Path:
    """The course that a new exercise goes to: the one named, which may be still to be made, else the
    current folder where that is one.

    Raises:
        CourseError: none is named and the current folder is none.
        UsageError: what is named is a file.
    """
    if named is not None:
        if named.exists() and not named.is_dir():
            raise UsageError(f"'{named}' is a file: name a folder for the course.")
        return named
    if not Path("exercises").is_dir():
        raise CourseError(
            "The current folder has no exercises/ in it. Name the course's folder with --exercises PATH;"
            " it is made where there is none."
        )
    return Path()


def check_id(exercise_id: str) -> None:
    """Refuse an id that could not name a file, a module and an exercise alike.

    Raises:
        UsageError: it could not; the message says why, and names one that could.
    """
    if not ID.fullmatch(exercise_id):
        raise UsageError(
            f"'{exercise_id}' cannot be an exercise's id: expected up to 40 lower-case letters, digits and"
            f" underscores, a letter first, as in '{_near(exercise_id)}'."
        )
    if keyword.iskeyword(exercise_id) or exercise_id in SHADOWED | sys.stdlib_module_names:
        raise UsageError(
            f"'{exercise_id}' cannot be an exercise's id: Python has a module or a keyword of that"
            f" name, and a student's {exercise_id}.py would stand in its way. Try '{exercise_id}_exercise'."
        )


def _near(exercise_id: str) -> str:
    near = re.sub(r"[^a-z0-9]+", "_", exercise_id.lower()).strip("_0123456789")[:40]
    return near if ID.fullmatch(near) else "my_exercise"


def _text(kind: str, part: str) -> str:
    return (files("grader") / "skeletons" / kind / f"{part}.txt").read_text("utf-8")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Cannot make the folder '{folder}': {error.strerror or error}.") from error
