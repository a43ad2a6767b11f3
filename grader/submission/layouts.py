"""Tells in which layout a class arrived, and whose each file is.

A layout looks at the members and gives up (None) where they are not in it; the plain one takes what comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from grader.errors import SubmissionError
from grader.submission import gradescope, names
from grader.submission.members import ARCHIVES, METADATA, Member

CLONES = "-submissions"
"""What the name of the folder of GitHub Classroom's clones ends in."""


@dataclass(frozen=True)
class Student:
    """Somebody of the class. ``id`` is empty where the layout gives none."""

    name: str
    id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes somebody the same: names alone may be two people's."""
        return (self.id, "") if self.id else ("", self.name)


@dataclass(frozen=True)
class HandedIn:
    """One file of a student. ``name`` is what the student called it, ``rank`` grows with every later one."""

    student: Student
    member: Member
    name: str
    rank: tuple[float, ...] = ()
    late: bool = False


@dataclass(frozen=True)
class Layout:
    """What was recognised: whose every file is. Students may be there who handed in nothing."""

    kind: str
    files: tuple[HandedIn, ...]
    students: tuple[Student, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Class:
    """The members below one folder, and that folder's name."""

    root: str
    members: tuple[Member, ...]
    known: tuple[str, ...]
    """The exercises' ids, by which a student's folder is told from a folder of students."""
    alone: bool
    """Whether one exercise alone was asked for."""
    folders: tuple[tuple[str, ...], ...] = ()
    """Folders by their names, those with nothing in them too."""
    tops: dict[str, list[Member]] = field(default_factory=dict)
    """What lies in each folder, and each file that lies in none, by their first names."""

    def inner(self) -> _Class | None:
        """The class in the one folder that everything is in; None where it is in several."""
        if len(self.tops) != 1 or any(len(member.parts) == 1 for member in self.members):
            return None
        inside = tuple(replace(m, parts=m.parts[1:]) for m in self.members)
        folders = tuple(folder[1:] for folder in self.folders if len(folder) > 1)
        return _class_of(next(iter(self.tops)), inside, folders, self.known, self.alone)

    @property
    def empty(self) -> list[str]:
        """The folders with nothing in them: somebody's who handed in nothing."""
        return [top for top, below in self.tops.items() if not below]


def recognise(
    members: Sequence[Member],
    root: str,
    known: Sequence[str],
    *,
    alone: bool,
    folders: Sequence[tuple[str, ...]] = (),
) -> Layout:
    """The layout of the files below a folder or in an archive called ``root``."""
    found: _Class | None = _class_of(root, members, folders, known, alone)
    looked_at: list[_Class] = []
    while found is not None and len(looked_at) < 4:
        looked_at.append(found)
        for layout in _LAYOUTS:
            if (recognised := layout(found)) is not None:
                return recognised
        found = found.inner()
    return _plain(looked_at[0])


def _class_of(
    root: str,
    members: Sequence[Member],
    folders: Sequence[tuple[str, ...]],
    known: Sequence[str],
    alone: bool,
) -> _Class:
    tops: dict[str, list[Member]] = {folder[0]: [] for folder in folders}
    for member in members:
        tops.setdefault(member.parts[0], []).append(member)
    return _Class(root, tuple(members), tuple(known), alone, tuple(folders), tops)


def _most(count: int, whole: int) -> bool:
    return count > 0 and 2 * count >= whole


# --- Gradescope -------------------------------------------------------------------------------


def _gradescope(found: _Class) -> Layout | None:
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


def _moodle(found: _Class) -> Layout | None:
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


def _canvas(found: _Class) -> Layout | None:
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


def _clones(found: _Class) -> Layout | None:
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


# --- plain ------------------------------------------------------------------------------------


def _plain(found: _Class) -> Layout:
    """A folder of files, or a folder a student, or both; whatever folders are around all of it."""
    while (inner := found.inner()) is not None and not _is_a_students(inner):
        found = inner
    works = [m for m in found.members if m.is_code or m.is_archive]
    flat = [m for m in works if len(m.parts) == 1]
    deep = [m for m in works if len(m.parts) > 1]
    own_folders = bool(deep) and _are_students_folders(found, deep)
    files = [_flat(found, member) for member in flat]
    if own_folders:
        files += [_own(member) for member in found.members if len(member.parts) > 1]
    else:
        files += [_lone(member) for member in deep]
    kinds = [
        "a folder of files" if flat or not own_folders else "",
        "a folder for each student" if own_folders else "",
    ]
    students = tuple(map(Student, found.empty)) if own_folders else ()
    return Layout(" and ".join(filter(None, kinds)), tuple(files), students)


def _is_a_students(found: _Class) -> bool:
    """Whether the files that lie in a folder are one student's: one of them is named after an exercise."""
    return any(len(m.parts) == 1 and m.is_code and names.exact(m.name, found.known) for m in found.members)


def _are_students_folders(found: _Class, deep: Sequence[Member]) -> bool:
    if any(m.is_code and names.exact(m.name, found.known) for m in deep):
        return True
    stems: defaultdict[str, set[str]] = defaultdict(set)
    for member in deep:
        stems[member.parts[0]].add(names.versioned(member.name).text)
    return all(len(of_folder) == 1 for of_folder in stems.values())


def _own(member: Member) -> HandedIn:
    return HandedIn(Student(member.parts[0]), member, "/".join(member.parts[1:]))


def _lone(member: Member) -> HandedIn:
    return HandedIn(Student("/".join((*member.parts[:-1], _whose(member)))), member, member.name)


def _flat(found: _Class, member: Member) -> HandedIn:
    """A file among others is a student's of its own, unless it is called as an exercise is."""
    if names.exact(member.name, found.known):
        return HandedIn(Student(found.root), member, member.name)
    exercise = None if found.alone else names.loose(member.name, found.known)
    rest = names.without(member.name, exercise) if exercise else _whose(member)
    return HandedIn(Student(rest or found.root), member, member.name)


def _whose(member: Member) -> str:
    ending = next((e for e in ARCHIVES if member.name.lower().endswith(e)), "")
    return member.name.removesuffix(member.name[-len(ending) :]) if ending else names.stem(member.name)


def _strays(tops: Sequence[str] | set[str]) -> tuple[str, ...]:
    if not tops:
        return ()
    shown = ", ".join(f"'{top}'" for top in sorted(tops)[:5])
    more = f" and {len(tops) - 5} more" if len(tops) > 5 else ""
    return (f"Nobody's by their names, and passed over: {shown}{more}.",)


_LAYOUTS: tuple[Callable[[_Class], Layout | None], ...] = (_gradescope, _moodle, _canvas, _clones)
