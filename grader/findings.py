"""From what the pitfalls found to what is reported: each mistake once, and causes before symptoms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grader.errors import GraderError
from grader.evidence import RunEvidence
from grader.pitfall import Entry, Found, catalogue
from grader.records import Finding, Place


def judge(runs: Sequence[RunEvidence]) -> tuple[Finding, ...]:
    """Every mistake of a submission, errors first; none that another one explains.

    Raises:
        GraderError: a pitfall's own code failed on this evidence: the grader's fault.
    """
    found = [finding for entry in catalogue().values() for finding in _ask(entry, runs)]
    causes = _without_symptoms(_once(found))
    return tuple(sorted(causes, key=_order))


def _ask(entry: Entry, runs: Sequence[RunEvidence]) -> Iterator[Finding]:
    try:
        if entry.find is not None:
            for run in runs:
                if not run.repeat:
                    yield from (_finding(entry, found, run) for found in entry.find(run))
        if entry.compare is not None and runs:
            yield from (_finding(entry, found, runs[0]) for found in entry.compare(runs))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise GraderError(f"The pitfall '{entry.id}' could not be judged ({said}).") from error


def _finding(entry: Entry, found: Found, run: RunEvidence) -> Finding:
    pitfall = entry.pitfall
    return Finding(
        pitfall=entry.id,
        severity=found.severity or pitfall.severity,
        message=found.message,
        line=run.source.place(found.line),
        source=run.source.line(found.line),
        step=found.step,
        device=run.request.device,
        seed=run.request.seed,
        evidence=found.evidence,
        fix=found.fix or pitfall.mend,
        title=pitfall.title,
        why=pitfall.why,
        rubric=pitfall.rubric,
    )


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """The first finding of each pitfall on each line: the same mistake shows in every run."""
    seen: dict[tuple[str, Place | None], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.pitfall, finding.line), finding)
    return list(seen.values())


def _without_symptoms(findings: list[Finding]) -> list[Finding]:
    errors = {finding.pitfall for finding in findings if finding.severity == "error"}
    return [f for f in findings if not any(_explains(cause, f.pitfall) for cause in errors)]


def _explains(cause: str, symptom: str) -> bool:
    return cause != symptom and symptom in catalogue()[cause].pitfall.explains


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
