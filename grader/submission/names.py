"""What the names of files and folders say: whose they are, which attempt, which exercise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

_CANVAS = re.compile(
    r"(?P<name>[^_].*?)(?P<late>_LATE)?_(?P<user>[0-9]{1,19})_(?P<attachment>[0-9]{1,19})_(?P<file>.+)",
    re.IGNORECASE | re.DOTALL,
)
_CANVAS_ANONYMOUS = re.compile(
    r"anon(?P<late>_LATE)?_(?P<user>[A-Za-z0-9]{1,40}?)(?P<late_too>_LATE)?_(?P<attachment>[0-9]{1,19})_(?P<file>.+)",
    re.IGNORECASE | re.DOTALL,
)
_CANVAS_TEXT = re.compile(
    r"(?P<name>anon|[^_].*?)(?P<late>_LATE)?_(?P<user>[A-Za-z0-9]{1,40})_(?:[0-9]{1,19}_)?(?P<file>(?:text|link)\.html)",
    re.IGNORECASE | re.DOTALL,
)
_MOODLE = re.compile(
    r"(?P<name>.+)_(?P<id>[0-9]{1,19})_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?",
    re.DOTALL,
)
_ATTEMPT = re.compile(r"attempt[ _-]?([0-9]{1,6})", re.IGNORECASE)
_VERSION = re.compile(r"[\s_-]*\(([0-9]{1,6})\)$|[\s_-]+copy[\s_-]*([0-9]{1,6})?$|[\s_-]+([0-9]{1,6})$")
_COPY_OF = re.compile(r"^copy[\s_-]+of[\s_-]+")
_SEPARATORS = re.compile(r"[\s_-]+")
_MOST_VERSIONS = 3


@dataclass(frozen=True)
class CanvasName:
    """``doejane_LATE_4711_98765_quadratic-1.py``, taken apart."""

    student: str
    id: str
    attachment: int
    file: str
    late: bool


@dataclass(frozen=True)
class MoodleName:
    """``Jane Doe_4711_assignsubmission_file``; ``file`` where a file's name follows in the same name."""

    student: str
    id: str
    file: str


@dataclass(frozen=True)
class Stem:
    """A file's name without its ending and what says which copy of it this is."""

    text: str
    versions: tuple[int, ...] = ()
    """From the outermost to the innermost; higher is later."""


def canvas_name(name: str) -> CanvasName | None:
    """What Canvas put before a student's file name; None where it is none of its names."""
    text = _CANVAS_TEXT.fullmatch(name)
    if text and (text["name"].lower() == "anon" or text["user"].isdigit()):
        return _canvas(text, text["name"].lower() == "anon", 0, bool(text["late"]))
    if anonymous := _CANVAS_ANONYMOUS.fullmatch(name):
        late = bool(anonymous["late"] or anonymous["late_too"])
        return _canvas(anonymous, True, int(anonymous["attachment"]), late)
    if found := _CANVAS.fullmatch(name):
        return _canvas(found, False, int(found["attachment"]), bool(found["late"]))
    return None


def _canvas(found: re.Match[str], anonymous: bool, attachment: int, late: bool) -> CanvasName:
    student = f"anon {found['user']}" if anonymous else found["name"]
    return CanvasName(student, found["user"], attachment, found["file"], late)


def moodle_name(name: str) -> MoodleName | None:
    """Whose a folder of Moodle's is; None where it is none of its folders."""
    found = _MOODLE.fullmatch(name)
    return MoodleName(found["name"].strip(), found["id"], found["file"] or "") if found else None


def attempt(folders: Iterable[str]) -> int:
    """The number of the attempt that a file lies in, where its folders say one."""
    found = [match for match in map(_ATTEMPT.fullmatch, folders) if match]
    return int(found[-1][1]) if found else 0


def stem(name: str) -> str:
    """A file's name without ``.py`` or ``.ipynb``."""
    return re.sub(r"\.(py|ipynb)$", "", name, flags=re.IGNORECASE)


def canonical(text: str) -> str:
    """As names are compared: no case, and one kind of gap."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return _SEPARATORS.sub("-", folded)


def versioned(name: str, known: Collection[str] = ()) -> Stem:
    """A file's stem without ``-1``, ``(2)``, ``copy``; what is ``known`` may end in a number of its own."""
    text = _COPY_OF.sub("", unicodedata.normalize("NFKC", stem(name)).casefold().strip())
    versions: list[int] = []
    while canonical(text) not in known and len(versions) < _MOST_VERSIONS:
        found = _VERSION.search(text)
        if found is None or not text[: found.start()]:
            break
        versions.append(int(next((group for group in found.groups() if group), "1")))
        text = text[: found.start()]
    return Stem(canonical(text), tuple(versions))


def exact(name: str, exercises: Iterable[str]) -> str | None:
    """The exercise that a file is named after; None where it is none's."""
    known = _canonical_ids(tuple(exercises))
    return known.get(versioned(name, known.keys()).text)


def loose(name: str, exercises: Iterable[str]) -> str | None:
    """The one exercise whose id is among the words of a file's name (``hw3_quadratic_final.py``)."""
    words = f"-{_words(stem(name))}-"
    found = [exercise for exercise in exercises if f"-{_words(exercise)}-" in words]
    return found[0] if len(found) == 1 else None


def without(name: str, exercise: str) -> str:
    """What else a file's name says than the exercise: ``ada_quadratic.py`` is ada's."""
    pattern = r"[\W_]*".join(map(re.escape, re.findall(r"[^\W_]+", exercise)))
    rest = re.sub(rf"(?<![^\W_]){pattern}(?![^\W_])", "", stem(name), count=1, flags=re.IGNORECASE)
    return rest.strip(" _-.")


def _words(text: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


@lru_cache(maxsize=64)
def _canonical_ids(exercises: tuple[str, ...]) -> dict[str, str]:
    return {canonical(exercise): exercise for exercise in exercises}
