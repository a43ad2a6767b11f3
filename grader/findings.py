"""From what the pitfalls found to what is reported: each mistake once, and causes before symptoms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grader.errors import GraderError
from grader.evidence import RunEvidence
from grader.pitfall import Entry, Find, Found, catalogue
from grader.records import Finding
from grader.words import plainly


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
            yield from _in_the_first_run(entry, entry.find, [run for run in runs if not run.repeat])
        if entry.compare is not None and runs:
            yield from (_finding(entry, found, runs[0]) for found in entry.compare(runs))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise GraderError(f"The pitfall '{entry.id}' could not be judged ({said}).") from error


def _in_the_first_run(entry: Entry, find: Find, runs: Sequence[RunEvidence]) -> Iterator[Finding]:
    """What the first run shows that shows this mistake at all, for each function: the runs after it would
    only show it again, and perhaps where it was watched from farther off."""
    settled: set[tuple[str | None, str]] = set()
    for run in runs:
        found = [_finding(entry, each, run) for each in find(run)]
        new = [f for f in found if (run.request.entry, f.severity) not in settled]
        settled |= {(run.request.entry, f.severity) for f in new}
        yield from new


def _finding(entry: Entry, found: Found, run: RunEvidence) -> Finding:
    pitfall = entry.pitfall
    return Finding(
        pitfall=entry.id,
        severity=found.severity or pitfall.severity,
        message=plainly(found.message),
        line=found.line,
        source=run.source.line(found.line),
        step=found.step,
        device=run.request.device,
        seed=run.request.seed,
        evidence=found.evidence,
        fix=plainly(found.fix or pitfall.mend),
        title=pitfall.title,
        why=pitfall.why,
        rubric=pitfall.rubric,
    )


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """The first finding of each pitfall on each line: the same mistake shows in every run."""
    seen: dict[tuple[str, int | None], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.pitfall, finding.line), finding)
    return list(seen.values())


def _without_symptoms(findings: list[Finding]) -> list[Finding]:
    errors = {finding.pitfall for finding in findings if finding.severity == "error"}
    return [f for f in findings if not any(_explains(cause, f.pitfall) for cause in errors)]


def _explains(cause: str, symptom: str) -> bool:
    return cause != symptom and symptom in catalogue()[cause].pitfall.explains


def _order(finding: Finding) -> tuple[bool, int, int]:
    """Errors first; then in the order in which the mistakes bite."""
    return (
        finding.severity != "error",
        finding.step if finding.step is not None else 0,
        finding.line if finding.line is not None else 10**9,
    )
