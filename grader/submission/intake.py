"""A class as it arrives, a folder or an archive, becomes entries: each student's file for each exercise."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.clean import one_line
from grader.errors import SubmissionError, UsageError
from grader.submission import names
from grader.submission.archive import list_archive
from grader.submission.budget import Budget
from grader.submission.choose import choose
from grader.submission.layout import HandedIn, Layout, Student
from grader.submission.layouts import recognise
from grader.submission.members import (
    ARCHIVES,
    CODE,
    MOST_NESTED_BYTES,
    Listing,
    Member,
    is_skipped,
    list_folder,
)


@dataclass(frozen=True)
class Entry:
    """One file to grade, or the lack of one. It is several students' where a group handed it in."""

    students: tuple[Student, ...]
    exercise: str
    path: str
    """Where the person who grades will find the file."""
    read: Callable[[], bytes] | None
    """Its bytes. Raises SubmissionError where they cannot be had."""
    missing: str = ""
    """Why there is no file; empty where there is one."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """What was recognised, all that is to be graded, and what was left out."""

    layout: str
    exercises: tuple[str, ...]
    entries: tuple[Entry, ...]
    notices: tuple[str, ...] = ()

    @property
    def students(self) -> int:
        """How many students there are."""
        return len({student.key for entry in self.entries for student in entry.students})

    @property
    def results(self) -> int:
        """How many results there will be."""
        return sum(len(entry.students) for entry in self.entries)


def take_in(path: Path, known: Sequence[str], asked: Sequence[str] = (), out: Path | None = None) -> Intake:
    """Find each student's file for each exercise ``asked`` for, or for all that files are named after.

    ``known`` are the exercises of the course, ``out`` a folder to leave out.

    Raises:
        UsageError: there is nothing at ``path``, or nothing of a class; or an archive that cannot be read.
    """
    path = _only_archive(path) or path
    budget = Budget()
    listing = _listing(path, out, budget)
    alone = len(asked) == 1
    layout = recognise(listing.members, _root(path), known, alone=alone, folders=listing.folders)
    if not layout.files and not layout.students:
        raise UsageError(f"No submission in '{path}': expected files that end in .py or .ipynb.")
    students = _by_student(layout, budget)
    exercises = tuple(dict.fromkeys(asked)) or _named(students, known)
    if not exercises:
        raise UsageError(
            f"No file in '{path}' is named after an exercise ({', '.join(known)}): say which they are for"
            " with --exercise."
        )
    entries = [_entry(student, exercise, known, alone) for student in students for exercise in exercises]
    return Intake(layout.kind, exercises, _merged(entries), (*listing.notices, *layout.notices))


@dataclass
class _Student:
    """Everything that one student handed in, what was packed unpacked."""

    student: Student
    files: list[HandedIn]
    trouble: list[str]


def _listing(path: Path, out: Path | None, budget: Budget) -> Listing:
    try:
        if path.is_dir():
            return list_folder(path, out)
        _check_archive(path)
        with path.open("rb") as file:
            return list_archive(file, str(path), budget)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror or error}.") from error


def _check_archive(path: Path) -> None:
    if not path.exists():
        raise UsageError(f"There is no folder or archive '{path}'. Check its name.")
    if not path.is_file():
        raise UsageError(f"'{path}' is no folder and no archive: name what the class came in.")
    if path.suffix.lower() in CODE:
        raise UsageError(
            f"'{path}' is a file, one submission: name the class's folder or archive, or use grader check."
        )


def _only_archive(path: Path) -> Path | None:
    """The archive that a folder holds and nothing else: the download, in a folder of its own."""
    try:
        there = list(path.iterdir())
    except OSError:  # no folder, or one that says later why it cannot be read
        return None
    found = [each for each in there if not is_skipped([each.name])]
    if len(found) != 1 or not found[0].name.lower().endswith(ARCHIVES):
        return None
    return found[0] if found[0].is_file() and not found[0].is_symlink() else None


def _root(path: Path) -> str:
    """The name of the class's folder, or of its archive without the ending."""
    name = path.resolve().name
    if path.is_dir():
        return one_line(name)
    ending = max((e for e in ARCHIVES if name.lower().endswith(e)), key=len, default="")
    return one_line(name[: len(name) - len(ending)])


def _by_student(layout: Layout, budget: Budget) -> list[_Student]:
    found: dict[tuple[str, str], _Student] = {}
    for student in (*layout.students, *(file.student for file in layout.files)):
        found.setdefault(student.key, _Student(student, [], []))
    unpacked: dict[int, tuple[list[HandedIn], list[str]]] = {}
    for file in layout.files:
        entry = found[file.student.key]
        entry.files.append(file)
        if file.member.is_archive:
            if id(file.member) not in unpacked:  # a group's is opened once
                unpacked[id(file.member)] = _opened(file, budget)
            inside, trouble = unpacked[id(file.member)]
            entry.files += [replace(each, student=entry.student) for each in inside]
            entry.trouble += trouble
    return sorted(found.values(), key=lambda each: (names.canonical(each.student.name), each.student.id))


def _opened(file: HandedIn, budget: Budget) -> tuple[list[HandedIn], list[str]]:
    """What is in an archive that a student handed in: one level of it, under the same caps."""
    try:
        data = file.member.read()
        if len(data) > MOST_NESTED_BYTES:
            raise SubmissionError(
                f"'{file.name}' is larger than {MOST_NESTED_BYTES // 1024**2} MiB: hand in the file itself."
            )
        with budget.nested() as own:
            listing = list_archive(io.BytesIO(data), file.name, own)
    except UsageError as error:
        return [], [str(error)]
    inside = [_inside(file, member) for member in listing.members]
    deeper = [m.name for m in listing.members if m.is_archive]
    said = [f"An archive inside '{file.name}' was not opened: {deeper[0]}."] if deeper else []
    return inside, [*listing.notices, *said]


def _inside(file: HandedIn, member: Member) -> HandedIn:
    """A member of a student's archive, as a file that lay in a folder of the archive's name."""
    below = "/".join(member.parts)
    found = replace(member, shown=f"{file.member.shown}/{below}")
    return replace(file, member=found, name=f"{file.name}/{below}")


def _named(students: Sequence[_Student], known: Sequence[str]) -> tuple[str, ...]:
    """The exercises, in the course's order, that somebody has a file for."""
    return tuple(
        exercise
        for exercise in known
        if any(choose(each.files, exercise, known, alone=False).file for each in students)
    )


def _entry(each: _Student, exercise: str, known: Sequence[str], alone: bool) -> Entry:
    choice = choose(each.files, exercise, known, alone=alone, trouble=each.trouble)
    if choice.file is None:
        return Entry((each.student,), exercise, "", None, choice.missing)
    member = choice.file.member
    return Entry((each.student,), exercise, member.shown, member.read, notes=choice.notes)


def _merged(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """One entry for what a group handed in together: it is graded once."""
    found: dict[object, Entry] = {}
    for entry in entries:
        key = (entry.exercise, id(entry.read) if entry.read else entry.students)
        before = found.get(key)
        found[key] = replace(before, students=(*before.students, *entry.students)) if before else entry
    return tuple(found.values())
