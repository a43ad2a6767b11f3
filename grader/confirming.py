"""What the experiments showed of each finding: whether it is confirmed, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence

from grader.experiment import Tried
from grader.findings import Judged
from grader.records import Experiment, Finding
from grader.words import code, fitted, listing
from grader.words import place as place_in_words


def told(findings: Sequence[Judged], tried: Sequence[Tried]) -> tuple[Finding, ...]:
    """The findings, each with what the experiments showed of it."""
    made = [each.experiment for each in tried]
    plain = [each.finding for each in findings]
    return tuple(_told(place, plain, made) for place in range(len(plain)))


def _told(place: int, findings: Sequence[Finding], made: Sequence[Experiment]) -> Finding:
    finding = findings[place]
    of_it = [experiment for experiment in made if place in experiment.neutralised]
    if not of_it:
        return finding
    works = [experiment for experiment in of_it if experiment.works]
    alone = next((e for e in of_it if _size(e) == 1), of_it[0])
    shown = min(works, key=_size, default=alone)
    if not works and _others_stand(findings, of_it[0]):
        return finding
    return finding.model_copy(update={"confirmed": bool(works), "proof": proof(place, findings, shown)})


def _size(experiment: Experiment) -> int:
    return len(experiment.neutralised) + len(experiment.neutralised_next)


def _others_stand(findings: Sequence[Finding], experiment: Experiment) -> bool:
    """Whether there are errors that were not neutralised: of those that were, nothing can be said then."""
    errors = {n for n, each in enumerate(findings) if each.severity == "error"}
    return bool(errors - set(experiment.neutralised))


def proof(place: int, findings: Sequence[Finding], experiment: Experiment) -> str:
    """What an experiment showed of a finding, in words."""
    others = [findings[n].pitfall for n in experiment.neutralised if n != place]
    others = list(dict.fromkeys([*others, *experiment.neutralised_next]))
    with_ = listing(["this", *(f"`{other}`" for other in others)]) if others else "only this"
    if experiment.works:
        verdict = _it_is(others, findings)
        return f"With {with_} neutralised, your unchanged code {_comes_to(experiment)}. {verdict}"
    if not experiment.helped:
        return (
            f"With {with_} neutralised, your code still does what it did:"
            " take this for a lead, and not for the cause."
        )
    what = "there is something else." if not experiment.next else f"next comes {_next(experiment)}."
    return f"With {with_} neutralised, your code {_comes_to(experiment)}. Still off with this mended: {what}"


def _it_is(others: Sequence[str], findings: Sequence[Finding]) -> str:
    errors = sum(finding.severity == "error" for finding in findings)
    if others:
        return "It takes both." if len(others) == 1 else "It takes all of them."
    return "It is the only thing wrong." if errors == 1 else "Nothing else stood in its way."


def _comes_to(experiment: Experiment) -> str:
    if experiment.recovered is not None:
        recovered, best = (fitted(experiment.names, v) for v in (experiment.recovered, experiment.expected))
        return f"recovers {recovered} on the data of seed {experiment.seed}, where {best} fits best"
    return "answers rightly" if experiment.works else "gets further"


def _next(experiment: Experiment) -> str:
    first = experiment.next[0]
    where = f" at {place_in_words(first.line)}" if first.line is not None else ""
    return f"{code([first.pitfall])}{where}"
