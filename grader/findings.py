"""From what the pitfalls found to what is reported: each mistake once, and causes before symptoms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.call_evidence import CallEvidence
from grader.errors import GraderError
from grader.evidence import Evidence, FitEvidence
from grader.pitfall import Entry, Found, catalogue
from grader.records import Finding, Place
from grader.words import plainly


@dataclass(frozen=True)
class Judged:
    """A finding, the pitfalls that only follow from it, and what it was found in."""

    finding: Finding
    explains: tuple[str, ...]
    found: Found
    run: Evidence


def judge(runs: Sequence[Evidence]) -> tuple[Finding, ...]:
    """Every mistake of a submission, errors first; none that another one explains. Raises as ``judged``."""
    return tuple(each.finding for each in judged(runs))


def judged(runs: Sequence[Evidence], without: Collection[str] = ()) -> tuple[Judged, ...]:
    """What ``judge`` says, with what it was said of. The pitfalls named by ``without`` are not asked.

    Raises:
        GraderError: a pitfall's own code failed on this evidence: the grader's fault.
    """
    entries = (entry for entry in catalogue().values() if entry.id not in without)
    found = [each for entry in entries for each in _ask(entry, runs)]
    return tuple(sorted(_without_symptoms(_once(found)), key=lambda each: _order(each.finding)))


def _ask(entry: Entry, runs: Sequence[Evidence]) -> Iterator[Judged]:
    try:
        yield from _in_the_first_run(entry, [run for run in runs if not run.repeat])
        fits = [run for run in runs if isinstance(run, FitEvidence)]
        if entry.compare is not None and fits:
            yield from (_finding(entry, found, fits[0]) for found in entry.compare(fits))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise GraderError(f"The pitfall '{entry.id}' could not be judged ({said}).") from error


def _in_the_first_run(entry: Entry, runs: Sequence[Evidence]) -> Iterator[Judged]:
    """What the first run shows that shows this mistake at all, for each function: the runs after it would
    only show it again, and perhaps where it was watched from farther off."""
    settled: set[tuple[str | None, str]] = set()
    for run in runs:
        found = [_finding(entry, each, run) for each in _find(entry, run)]
        new = [f for f in found if (run.request.entry, f.finding.severity) not in settled]
        settled |= {(run.request.entry, f.finding.severity) for f in new}
        yield from new


def _find(entry: Entry, run: Evidence) -> Iterator[Found]:
    if isinstance(run, FitEvidence) and entry.find is not None:
        yield from entry.find(run)
    elif isinstance(run, CallEvidence) and entry.find_in_call is not None:
        yield from entry.find_in_call(run)


def _finding(entry: Entry, found: Found, run: Evidence) -> Judged:
    pitfall = entry.pitfall
    finding = Finding(
        pitfall=entry.id,
        severity=found.severity or pitfall.severity,
        message=plainly(found.message),
        line=run.source.place(found.line),
        source=run.source.line(found.line),
        step=None if isinstance(run, CallEvidence) else found.step,
        device=run.request.device,
        seed=run.request.seed,
        evidence=found.evidence,
        fix=plainly(found.fix or pitfall.mend),
        title=found.title or pitfall.title,
        why=found.why or pitfall.why,
        rubric=run.item_costed_by(pitfall.rubric),
        entry=run.request.entry if isinstance(run, CallEvidence) and not run.never_began else None,
    )
    explains = pitfall.explains if found.explains is None else found.explains
    return Judged(finding, explains, found, run)


def _once(judged: Iterable[Judged]) -> list[Judged]:
    """The first finding of each pitfall on each line: the same mistake shows in every run."""
    seen: dict[tuple[str, Place | None, str | None], Judged] = {}
    for each in judged:
        finding = each.finding
        seen.setdefault((finding.pitfall, finding.line, finding.entry), each)
    return list(seen.values())


def _without_symptoms(judged: list[Judged]) -> list[Judged]:
    errors = [each for each in judged if each.finding.severity == "error"]
    return [each for each in judged if not any(_explains(cause, each.finding) for cause in errors)]


def _explains(cause: Judged, symptom: Finding) -> bool:
    """A mistake in one function explains nothing of another."""
    if cause.finding.pitfall == symptom.pitfall or cause.finding.entry != symptom.entry:
        return False
    return symptom.pitfall in cause.explains


def _order(finding: Finding) -> tuple[bool, int, int, int]:
    """Errors first; then in the order in which the mistakes bite."""
    return (
        finding.severity != "error",
        finding.step if finding.step is not None else 0,
        *_down_the_page(finding.line),
    )


def _down_the_page(place: Place | None) -> tuple[int, int]:
    if place is None:
        return (10**9, 0)
    return (place, 0) if isinstance(place, int) else (place.cell, place.line)
