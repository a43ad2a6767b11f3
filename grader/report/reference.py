"""The anatomy of a pitfall's page, the same for all and for every format, read from its one file."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType
from typing import get_args

from grader.pitfall import Entry, Example, Section, catalogue
from grader.records import Severity
from grader.report.wording import SourceLine, number, source_lines

WRONG = "Wrong"
RIGHT = "Right, though it looks alike"
WHY = "Why it bites"
MEND = "How to mend it"
LOOKS_AT = "What the grader looks at"
LESSON = "In the lesson"
EXPLAINS = "What follows from it"
FOLLOWS = "What it may follow from"


@dataclass(frozen=True)
class Program:
    """An example without its mark; the line where it bites is a marked one."""

    lines: tuple[SourceLine, ...]
    note: str
    label: str
    """What it is, for those who cannot see where it stands."""


@dataclass(frozen=True)
class Limit:
    """A number that decides, and what it decides."""

    value: str
    words: str


@dataclass(frozen=True)
class Related:
    """Another pitfall. ``href`` is empty where its page cannot be reached."""

    id: str
    title: str
    href: str


@dataclass(frozen=True)
class Reference:
    """Everything that a pitfall's page says."""

    id: str
    title: str
    severity: Severity
    section: Section
    verdict: str
    what: str
    why: str
    mend: str
    wrong: tuple[Program, ...]
    right: tuple[Program, ...]
    looks_at: tuple[str, ...]
    limits: tuple[Limit, ...]
    lesson: str
    explains: tuple[Related, ...]
    follows: tuple[Related, ...]


def reference(entry: Entry, hrefs: Mapping[str, str] | None = None) -> Reference:
    """The page of one pitfall. ``hrefs`` says where the pages of others can be reached."""
    pitfall = entry.pitfall
    causes = [other.id for other in catalogue().values() if entry.id in other.pitfall.explains]
    return Reference(
        id=entry.id,
        title=pitfall.title,
        severity=pitfall.severity,
        section=pitfall.section,
        verdict=_verdict(entry),
        what=pitfall.what,
        why=pitfall.why,
        mend=pitfall.mend,
        wrong=_programs("Wrong", pitfall.bad, entry.id),
        right=_programs("Right", pitfall.good, entry.id),
        looks_at=tuple(_looks_at(entry)),
        limits=tuple(_limits(_module(entry))),
        lesson=pitfall.see_also,
        explains=tuple(_related(pitfall.explains, hrefs or {})),
        follows=tuple(_related(causes, hrefs or {})),
    )


def by_section(entries: Iterable[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """The sections in the order of the lesson, each with its pitfalls; those that have none are left out."""
    known = list(entries)
    for section in get_args(Section):
        here = sorted((e for e in known if e.pitfall.section == section), key=lambda e: e.id)
        if here:
            yield section, here


def _verdict(entry: Entry) -> str:
    pitfall = entry.pitfall
    if pitfall.severity == "warning":
        return "A warning: it costs no points."
    costs = f"An error: it costs `{pitfall.rubric}`."
    if entry.find_in_call is not None:
        costs = (
            f"An error: it costs `{pitfall.rubric}`; in a function that must answer, that function's item."
        )
    if entry.find_in_call is not None and entry.find is None and entry.compare is None:
        costs = "An error: it costs the item of the function that it is found in."
    if not pitfall.blocks:
        return costs
    blocked = ", ".join(f"`{item}`" for item in pitfall.blocks)
    return f"{costs} Where it is found, these cannot be judged: {blocked}."


def _programs(kind: str, examples: Sequence[Example], pitfall_id: str) -> tuple[Program, ...]:
    mark = re.compile(rf"\s*#\s*<-\s*{re.escape(pitfall_id)}\s*$")
    return tuple(
        Program(
            lines=tuple(
                SourceLine(at, mark.sub("", line), mark.search(line) is not None)
                for at, line in enumerate(source_lines(example.source), 1)
            ),
            note=example.note,
            label=f"{kind} program {count}" + (f": {example.note}" if example.note else ""),
        )
        for count, example in enumerate(examples, 1)
    )


def _module(entry: Entry) -> ModuleType | None:
    return inspect.getmodule(entry.find or entry.compare or entry.find_in_call)


def _looks_at(entry: Entry) -> Iterator[str]:
    """What the pitfall's file says of its own judgement, and which runs it is asked of."""
    for documented in (_module(entry), entry.find, entry.compare, entry.find_in_call):
        if documented is not None:
            yield from _paragraphs(documented.__doc__ or "")
    if entry.find is not None:
        yield "It is asked of every run by itself."
    if entry.compare is not None:
        yield "The runs of a submission are compared with each other."
    if entry.find_in_call is not None:
        yield "Every run of a function that must answer is looked at by itself."


def _paragraphs(docstring: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(docstring).split("\n\n"):
        if words := " ".join(paragraph.split()):
            yield words.replace("``", "`")


def _limits(module: ModuleType | None) -> Iterator[Limit]:
    """The numbers at the module's top level that have a docstring."""
    if module is None:
        return
    body = ast.parse(inspect.getsource(module)).body
    for statement, after in pairwise(body):
        match statement, after:
            case (
                ast.Assign(value=ast.Constant(value=int() | float() as value)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                yield Limit(number(value), " ".join(_paragraphs(words)))


def _related(ids: Iterable[str], hrefs: Mapping[str, str]) -> Iterator[Related]:
    known = catalogue()
    for pitfall_id in ids:
        if pitfall_id in known:
            yield Related(pitfall_id, known[pitfall_id].pitfall.title, hrefs.get(pitfall_id, ""))
