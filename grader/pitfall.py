"""What a pitfall's file holds, and the catalogue: the folder is the list.

``pitfalls/<id>.py`` (with underscores) defines ``PITFALL`` and one or more of

* ``find(run: FitEvidence) -> Iterator[Found]``, asked of every run that fits a curve,
* ``compare(runs: Sequence[FitEvidence]) -> Iterator[Found]``, asked once of all of these together, and
* ``find_in_call(run: CallEvidence) -> Iterator[Found]``, asked of every run of a function that must answer,

and, where the mistake can be neutralised while the unchanged code runs,

* ``neutralise(run: Evidence, found: Found) -> Iterator[Intervention]``, asked of the run that shows it.
  It may yield nothing: then this one cannot be.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from grader.errors import UnknownPitfall
from grader.records import Intervention, Severity

if TYPE_CHECKING:
    from grader.call_evidence import CallEvidence
    from grader.evidence import Evidence, FitEvidence

Section = Literal[
    "tensors", "devices", "broadcasting", "autograd", "zeroing", "no_grad",
    "memory and speed", "training", "running",
]  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A program. In a bad one the line where it bites ends in ``# <- <pitfall id>``."""

    source: str
    exercise: str = "line"
    note: str = ""
    device: str = "cpu"
    """The device that it is graded on: ``sim`` where a mistake needs a second one to show."""


@dataclass(frozen=True)
class Pitfall:
    """All the words about one mistake; ``id`` comes from the file's name."""

    title: str
    """One short sentence, no full stop: what happened."""
    section: Section
    rubric: str
    """The id of the rubric item that it costs."""
    what: str
    why: str
    """Why it bites."""
    mend: str
    """How to mend it, in general; a finding's own ``fix`` may say more."""
    severity: Severity = "error"
    explains: tuple[str, ...] = ()
    """The pitfalls that only follow from this one, and so are not reported beside it."""
    blocks: tuple[str, ...] = ()
    """The rubric items that cannot be judged where this was found."""
    bad: tuple[Example, ...] = ()
    good: tuple[Example, ...] = ()
    see_also: str = ""
    """Where the lesson speaks of it."""


@dataclass(frozen=True)
class Found:
    """What a pitfall's ``find`` yields: this happened, here, with these numbers."""

    message: str
    line: int | None
    step: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    fix: str | None = None
    """The change to make here; None for the pitfall's general words."""
    why: str | None = None
    """Why it bites here; None likewise."""
    severity: Severity | None = None
    """None for the pitfall's own."""
    title: str | None = None
    """What happened here; None for the pitfall's own."""
    explains: tuple[str, ...] | None = None
    """The pitfalls that only follow from this finding; None for the pitfall's own."""


Find = Callable[["FitEvidence"], Iterator[Found]]
Compare = Callable[[Sequence["FitEvidence"]], Iterator[Found]]
FindInCall = Callable[["CallEvidence"], Iterator[Found]]
Neutralise = Callable[["Evidence", Found], Iterator[Intervention]]


@dataclass(frozen=True)
class Entry:
    """A pitfall of the catalogue with its id and its judgement."""

    id: str
    pitfall: Pitfall
    find: Find | None
    compare: Compare | None
    find_in_call: FindInCall | None = None
    neutralise: Neutralise | None = None


@cache
def catalogue() -> dict[str, Entry]:
    """Every pitfall of the folder, by id, sorted."""
    package = importlib.import_module("grader.pitfalls")
    names = sorted(
        module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")
    )
    return {entry.id: entry for entry in map(_entry, names)}


def _entry(name: str) -> Entry:
    module = importlib.import_module(f"grader.pitfalls.{name}")
    return Entry(
        id=name.replace("_", "-"),
        pitfall=module.PITFALL,
        find=getattr(module, "find", None),
        compare=getattr(module, "compare", None),
        find_in_call=getattr(module, "find_in_call", None),
        neutralise=getattr(module, "neutralise", None),
    )


def pitfall(pitfall_id: str) -> Entry:
    """One pitfall.

    Raises:
        UnknownPitfall: the catalogue has none of that id.
    """
    try:
        return catalogue()[pitfall_id]
    except KeyError:
        raise UnknownPitfall(pitfall_id, catalogue()) from None
