"""Picks, of all that a student handed in, the one file for each exercise: the latest that is meant for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.submission import names
from grader.submission.layout import HandedIn

_MOST_NAMED = 6
_HELPERS = ("conftest", "setup", "__init__", "__main__")


@dataclass(frozen=True)
class Choice:
    """The file, or why there is none; ``notes`` say how it was chosen where that is not plain."""

    file: HandedIn | None
    missing: str = ""
    notes: tuple[str, ...] = ()


def choose(
    files: Sequence[HandedIn],
    exercise: str,
    known: Sequence[str],
    *,
    alone: bool,
    trouble: Sequence[str] = (),
) -> Choice:
    """The file of one student for one exercise.

    ``known`` are the exercises of the course. With ``alone``, where no other exercise is graded, a student's
    only file is taken for it whatever it is called. ``trouble`` is what was wrong with their archives.
    """
    code = [file for file in files if file.member.is_code]
    candidates = [file for file in code if names.exact(_base(file), known) == exercise]
    candidates = candidates or _by_a_word(code, exercise, known) or (_only(code, known) if alone else [])
    if not candidates:
        return Choice(None, _missing(files, exercise, trouble))
    ordered = sorted(candidates, key=_rank, reverse=True)
    return Choice(ordered[0], notes=(*_about(ordered, exercise), *_lateness(ordered[0])))


def _by_a_word(code: Sequence[HandedIn], exercise: str, known: Sequence[str]) -> list[HandedIn]:
    """The files, all under one name, that have the exercise among the words of it."""
    found = [
        file
        for file in code
        if not _is_helper(file) and not names.exact(_base(file), known)
        and names.loose(_base(file), known) == exercise
    ]  # fmt: skip
    return _under_one_name(found)


def _only(code: Sequence[HandedIn], known: Sequence[str]) -> list[HandedIn]:
    """The one file, in however many copies, that is named after no exercise of the course."""
    own = [file for file in code if not _is_helper(file)] or list(code)
    if any(names.exact(_base(file), known) for file in own):
        return []
    return _under_one_name(own)


def _under_one_name(files: list[HandedIn]) -> list[HandedIn]:
    return files if len({names.versioned(_base(file)).text for file in files}) == 1 else []


def _is_helper(file: HandedIn) -> bool:
    stem = names.stem(_base(file)).lower()
    return stem in _HELPERS or stem.startswith("test_") or stem.endswith("_test")


def _base(file: HandedIn) -> str:
    return file.name.rpartition("/")[2]


def _rank(file: HandedIn) -> tuple[tuple[float, ...], tuple[int, ...], int, bool, str]:
    """What says that one is later than another; else how near the top it is, ``.py`` before a notebook."""
    versions = names.versioned(_base(file)).versions
    return file.rank, versions, -file.name.count("/"), file.name.lower().endswith(".py"), file.name


def _about(ordered: Sequence[HandedIn], exercise: str) -> list[str]:
    taken, *others = ordered
    notes = []
    if names.exact(_base(taken), [exercise]) is None:
        notes.append(f"`{_quoted(taken.name)}` was taken for `{exercise}`: no file is called that.")
    if others:
        left = ", ".join(f"`{_quoted(file.name)}`" for file in others[:_MOST_NAMED])
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        notes.append(
            f"Graded: `{_quoted(taken.name)}`, the latest of {len(ordered)}. Not graded: {left}{more}."
        )
    return notes


def _lateness(file: HandedIn) -> list[str]:
    return ["Handed in late."] if file.late else []


def _missing(files: Sequence[HandedIn], exercise: str, trouble: Sequence[str]) -> str:
    wanted = f"No file for `{exercise}` found: looked for {exercise}.py or {exercise}.ipynb"
    if not files:
        where = ", and nothing at all was handed in."
    else:
        there = [_quoted(file.name) for file in files if not file.member.is_archive] or ["nothing"]
        more = f" and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else ""
        where = f" among: {', '.join(there[:_MOST_NAMED])}{more}."
    return " ".join([wanted + where, *trouble])


def _quoted(name: str) -> str:
    return name.replace("`", "'")
