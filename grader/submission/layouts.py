"""Tells in which layout a class arrived, and whose each file is.

A layout looks at the members and gives up (None) where they are not in it; the plain one takes what comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.errors import SubmissionError
from grader.submission import gradescope, names
from grader.submission.layout import Class, HandedIn, Layout, Student, class_below
from grader.submission.members import METADATA, Member
from grader.submission.plain import plain

CLONES = "-submissions"
"""What the name of the folder of GitHub Classroom's clones ends in."""


def recognise(
    members: Sequence[Member],
    root: str,
    known: Sequence[str],
    *,
    alone: bool,
    folders: Sequence[tuple[str, ...]] = (),
) -> Layout:
    """The layout of the files below a folder or in an archive called ``root``."""
    found: Class | None = class_below(root, members, folders, known, alone)
    looked_at: list[Class] = []
    while found is not None and len(looked_at) < 4:
        looked_at.append(found)
        for layout in _LAYOUTS:
            if (recognised := layout(found)) is not None:
                return recognised
        found = found.inner()
    return plain(looked_at[0])


def _most(count: int, whole: int) -> bool:
    return count > 0 and 2 * count >= whole


# --- Gradescope -------------------------------------------------------------------------------


def _gradescope(found: Class) -> Layout | None:
    listing = next((m for m in found.members if m.parts == (METADATA,)), None)
    if listing is None:
        return None
    notices = []
    try:
        listed = gradescope.submissions(listing.read())
    except SubmissionError as error:
        listed = {}
        notices.append(f"{error}: the folders' names stand for the students'.")
    files, students = [], []
    folders = {top: below for top, below in found.tops.items() if top != METADATA}
    for folder in sorted(folders.keys() | listed.keys()):
        entry = listed.get(folder, gradescope.Listed((), 0.0))
        people = entry.people or (gradescope.Person(folder, ""),)
        owners = [Student(person.name, person.id) for person in people]
        students += owners
        for member in folders.get(folder, ()):
            name = "/".join(member.parts[1:]) or member.name
            files += [HandedIn(owner, member, name, (entry.created, _number(folder))) for owner in owners]
    return Layout("a Gradescope export", tuple(files), tuple(students), tuple(notices))


def _number(folder: str) -> int:
    digits = folder.rpartition("_")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else 0


# --- Moodle -----------------------------------------------------------------------------------


def _moodle(found: Class) -> Layout | None:
    named = {top: names.moodle_name(top) for top in found.tops}
    if not _most(sum(name is not None for name in named.values()), len(named)):
        return None
    files, students, strays = [], [], []
    for top, name in named.items():
        if name is None:
            strays.append(top)
            continue
        student = Student(name.student, name.id)
        students.append(student)
        for member in found.tops[top]:
            own = "/".join(member.parts[1:]) or name.file or member.name
            files.append(HandedIn(student, member, own, (names.attempt(member.parts[1:-1]),)))
    return Layout("a Moodle download", tuple(files), tuple(students), _strays(strays))


# --- Canvas -----------------------------------------------------------------------------------


def _canvas(found: Class) -> Layout | None:
    flat = [member for member in found.members if len(member.parts) == 1]
    named = {member: names.canvas_name(member.name) for member in flat}
    if not _most(sum(name is not None for name in named.values()), len(found.tops)):
        return None
    files = []
    for member, name in named.items():
        if name is not None:
            student = Student(name.student, name.id)
            files.append(HandedIn(student, member, name.file, (name.attachment,), name.late))
    strays = [top for top in found.tops if names.canvas_name(top) is None]
    return Layout("a Canvas download", tuple(files), notices=_strays(strays))


# --- GitHub Classroom -------------------------------------------------------------------------


def _clones(found: Class) -> Layout | None:
    slug = found.root[: -len(CLONES)] if found.root.lower().endswith(CLONES) else ""
    folders = {top: below for top, below in found.tops.items() if not below or len(below[0].parts) > 1}
    if not slug or not folders:
        return None
    files, students = [], []
    for repository, members in folders.items():
        user = repository.removeprefix(f"{slug}-") or repository
        student = Student(user, user)
        students.append(student)
        files += [HandedIn(student, m, "/".join(m.parts[1:])) for m in members if len(m.parts) > 1]
    strays = _strays(found.tops.keys() - folders.keys())
    return Layout("GitHub Classroom clones", tuple(files), tuple(students), strays)


def _strays(tops: Sequence[str] | set[str]) -> tuple[str, ...]:
    if not tops:
        return ()
    shown = ", ".join(f"'{top}'" for top in sorted(tops)[:5])
    more = f" and {len(tops) - 5} more" if len(tops) > 5 else ""
    return (f"Nobody's by their names, and passed over: {shown}{more}.",)


_LAYOUTS: tuple[Callable[[Class], Layout | None], ...] = (_gradescope, _moodle, _canvas, _clones)
