"""What a layout says of a class: whose each file is. The records that all layouts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from grader.submission.members import Member


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
class Class:
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

    def inner(self) -> Class | None:
        """The class in the one folder that everything is in; None where it is in several."""
        if len(self.tops) != 1 or any(len(member.parts) == 1 for member in self.members):
            return None
        inside = tuple(replace(m, parts=m.parts[1:]) for m in self.members)
        folders = tuple(folder[1:] for folder in self.folders if len(folder) > 1)
        return class_below(next(iter(self.tops)), inside, folders, self.known, self.alone)

    @property
    def empty(self) -> list[str]:
        """The folders with nothing in them: somebody's who handed in nothing."""
        return [top for top, below in self.tops.items() if not below]


def class_below(
    root: str,
    members: Sequence[Member],
    folders: Sequence[tuple[str, ...]],
    known: Sequence[str],
    alone: bool,
) -> Class:
    tops: dict[str, list[Member]] = {folder[0]: [] for folder in folders}
    for member in members:
        tops.setdefault(member.parts[0], []).append(member)
    return Class(root, tuple(members), tuple(known), alone, tuple(folders), tops)
