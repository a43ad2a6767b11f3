"""The layout of whatever no system made: a folder of files, a folder for each student, or both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from grader.submission import names
from grader.submission.layout import Class, HandedIn, Layout, Student
from grader.submission.members import ARCHIVES, Member


def plain(found: Class) -> Layout:
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


def _is_a_students(found: Class) -> bool:
    """Whether the files that lie in a folder are one student's: one of them is named after an exercise."""
    return any(len(m.parts) == 1 and m.is_code and names.exact(m.name, found.known) for m in found.members)


def _are_students_folders(found: Class, deep: Sequence[Member]) -> bool:
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


def _flat(found: Class, member: Member) -> HandedIn:
    """A file among others is a student's of its own, unless it is called as an exercise is."""
    if names.exact(member.name, found.known):
        return HandedIn(Student(found.root), member, member.name)
    exercise = None if found.alone else names.loose(member.name, found.known)
    rest = names.without(member.name, exercise) if exercise else _whose(member)
    return HandedIn(Student(rest or found.root), member, member.name)


def _whose(member: Member) -> str:
    ending = next((e for e in ARCHIVES if member.name.lower().endswith(e)), "")
    return member.name.removesuffix(member.name[-len(ending) :]) if ending else names.stem(member.name)
