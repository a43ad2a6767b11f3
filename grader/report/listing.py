"""The submission's source as the page lists it: findings at their lines, the rest folded where it is long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from grader.pitfall import catalogue
from grader.records import CellLine, Finding, Place, Result
from grader.report import wording
from grader.report.highlight import CodeLine, highlighted

MOST_LINES = 1500
"""Of a longer file these are shown, and what is around its findings."""
LONGEST_LINE = 400
SHORT_FILE = 60
"""A file of so many lines is shown unfolded."""
AROUND = 8
"""So many lines before and after a finding stay unfolded."""
SMALLEST_FOLD = 6
"""Fewer lines than that are not worth a fold."""
OPENING = 40
"""So much of a long file without findings is unfolded."""


@dataclass(frozen=True)
class Note:
    """What was found at a line."""

    severity: str
    title: str
    about: str | None
    """The id of the pitfall's part at the end of the page."""
    is_first: bool
    """The one thing to mend first."""


@dataclass(frozen=True)
class LineView:
    """A line of the source and what was found there."""

    code: CodeLine
    severity: str
    notes: tuple[Note, ...]
    anchor: str
    opens: str
    """``cell 3``, where it is the first line of a notebook's cell."""

    @property
    def line(self) -> wording.SourceLine:
        return self.code.line


@dataclass(frozen=True)
class Part:
    """Lines that follow each other. ``left_out`` lines are counted and not shown."""

    lines: tuple[LineView, ...]
    summary: str
    """What the fold is called; empty where the lines are not folded."""
    left_out: int = 0


@dataclass(frozen=True)
class Listing:
    """The whole source."""

    parts: tuple[Part, ...]

    @property
    def lines(self) -> tuple[LineView, ...]:
        """Every line that is shown, folded or not."""
        return tuple(line for part in self.parts for line in part.lines)

    def anchor(self, place: Place | None) -> str | None:
        """The id of a line; None where it is not shown."""
        anchor = _anchor(place)
        return anchor if any(line.anchor == anchor for line in self.lines) else None

    def excerpt(self, lines: Sequence[wording.SourceLine]) -> tuple[CodeLine, ...]:
        """Some of its lines, in the colours that they have in the whole file."""
        known = {view.line.place: view.code.tokens for view in self.lines}
        capped = [_capped(line) for line in lines]
        missing = highlighted(capped)
        return tuple(CodeLine(new.line, known.get(new.line.place, new.tokens)) for new in missing)


def about_id(finding: Finding) -> str | None:
    """The id of its pitfall's part of the page; None for a pitfall that is not known here."""
    return f"about-{finding.pitfall}" if finding.pitfall in catalogue() else None


def listing(result: Result) -> Listing:
    """The source of ``result``, prepared."""
    found: dict[Place, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        if finding.line is not None:
            found[finding.line].append(finding)
    lines = wording.numbered(result)
    near = _near(lines, found)
    first = wording.first_cause(result)
    views = [_view(code, found, first) for code in highlighted([_capped(line) for line in lines])]
    return Listing(tuple(_parts(views, near)))


def _near(lines: Sequence[wording.SourceLine], found: Mapping[Place, object]) -> set[int]:
    """The indices of the lines that stay unfolded."""
    if len(lines) <= SHORT_FILE:
        return set(range(len(lines)))
    at = [index for index, line in enumerate(lines) if line.place in found]
    if not at:
        return set(range(OPENING))
    return {near for index in at for near in range(index - AROUND, index + AROUND + 1)}


def _parts(views: Sequence[LineView], near: set[int]) -> Iterator[Part]:
    def state(index: int) -> str:
        if index in near:
            return "open"
        return "folded" if index < MOST_LINES else "left out"

    for kind, indices in groupby(range(len(views)), key=state):
        lines = tuple(views[index] for index in indices)
        if kind == "left out":
            yield Part((), "", left_out=len(lines))
        elif kind == "open" or len(lines) < SMALLEST_FOLD:
            yield Part(lines, "")
        else:
            yield Part(lines, _range(lines[0].line, lines[-1].line))


def _range(first: wording.SourceLine, last: wording.SourceLine) -> str:
    if first.cell is None:
        return f"lines {first.number} to {last.number}"
    if first.cell == last.cell:
        return f"cell {first.cell}, lines {first.number} to {last.number}"
    return f"cell {first.cell}, line {first.number} to cell {last.cell}, line {last.number}"


def _view(code: CodeLine, found: Mapping[Place, Sequence[Finding]], first: Finding | None) -> LineView:
    line = code.line
    here = found.get(line.place, ())
    notes = _notes(here, first)
    severities = {note.severity for note in notes}
    severity = "error" if "error" in severities else "warning" if severities else ""
    opens = f"cell {line.cell}" if line.cell is not None and line.number == 1 else ""
    shown = replace(code, line=replace(line, marked=bool(notes)))
    return LineView(shown, severity, notes, _anchor(line.place), opens)


def _notes(here: Sequence[Finding], first: Finding | None) -> tuple[Note, ...]:
    """What was found at a line; what was found there on two devices, once."""
    notes: dict[tuple[str, str], Note] = {}
    for finding in here:
        notes.setdefault((finding.severity, finding.title), _note(finding, first))
    return tuple(notes.values())


def _note(finding: Finding, first: Finding | None) -> Note:
    title = finding.title or finding.pitfall
    return Note(finding.severity, title, about_id(finding), finding is first)


def _anchor(place: Place | None) -> str:
    if isinstance(place, CellLine):
        return f"C{place.cell}L{place.line}"
    return f"L{place}"


def _capped(line: wording.SourceLine) -> wording.SourceLine:
    if len(line.text) <= LONGEST_LINE:
        return line
    return replace(line, text=line.text[:LONGEST_LINE] + " …")
