"""A diagnosis is put to the test: the submission is run again, unchanged, with the mistake neutralised.

Where the answer is right then and nothing else is found wrong, the mistake is shown to be the cause. Where it
is not, there is something else, and what only shows then is told as *next*.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from grader.evidence import Evidence, FitEvidence
from grader.findings import Judged, judged
from grader.pitfall import catalogue
from grader.records import Experiment, Intervention
from grader.retrying import same_answer

MOST_ALONE = 2
"""So many mistakes are tried alone, where there are several: each costs a run."""

Run = Callable[[Evidence, Sequence[Intervention]], Evidence]
"""Makes a run like an earlier one, with these interventions."""


@dataclass(frozen=True)
class Tried:
    """An experiment and the run that was made for it."""

    experiment: Experiment
    run: Evidence
    following: tuple[Judged, ...] = ()
    """The errors that only showed then."""


@dataclass(frozen=True)
class _Mistake:
    """An error that can be neutralised."""

    place: int | None
    """Its place among the findings; None where it only showed in an experiment."""
    judged: Judged
    interventions: tuple[Intervention, ...]

    @property
    def pitfall(self) -> str:
        return self.judged.finding.pitfall


def experiments(findings: Sequence[Judged], run: Run) -> tuple[Tried, ...]:
    """Every experiment that is made of a submission's errors: all of them together, then each alone; where
    all of them are not enough, with what showed next neutralised, too. They are made of what one function did
    on one device."""
    mistakes = _mistakes(findings)
    if not mistakes:
        return ()
    known = {each.finding.pitfall for each in findings}
    together = _try(mistakes, known, run)
    if not together.experiment.neutralised:
        return ()
    tried = [together]
    next_ = ((each, _interventions(each)) for each in together.following)
    following = [_Mistake(None, each, interventions) for each, interventions in next_ if interventions]
    if following and not together.experiment.works:
        tried.append(_try([*mistakes, *following], known, run))
    alone = [[mistake] for mistake in mistakes[:MOST_ALONE]] if len(mistakes) > 1 else []
    tried += [_try(one, known, run) for one in alone]
    return tuple(each for each in tried if each.experiment.neutralised)


def _mistakes(findings: Sequence[Judged]) -> list[_Mistake]:
    found: list[_Mistake] = []
    for place, each in enumerate(findings):
        interventions = _interventions(each) if each.finding.severity == "error" else ()
        if interventions and (not found or _is_of_the_same(each, found[0].judged)):
            found.append(_Mistake(place, each, interventions))
    return found


def _interventions(each: Judged) -> tuple[Intervention, ...]:
    neutralise = catalogue()[each.finding.pitfall].neutralise
    if neutralise is None or each.run.trace is None:
        return ()
    return tuple(neutralise(each.run, each.found))


def _is_of_the_same(one: Judged, other: Judged) -> bool:
    return one.run.request.entry == other.run.request.entry and one.run.is_script == other.run.is_script


def _try(mistakes: Sequence[_Mistake], known: Collection[str], run: Run) -> Tried:
    first = _where_all_show(mistakes)
    made = run(first, tuple(dict.fromkeys(i for mistake in mistakes for i in mistake.interventions)))
    names = {mistake.pitfall for mistake in mistakes}
    wrong = [each for each in _errors(made, names) if not made.is_right or not _took_hold(each, mistakes)]
    following = tuple(each for each in wrong if each.finding.pitfall not in known)
    fit = made if isinstance(made, FitEvidence) else None
    experiment = Experiment(
        neutralised=tuple(m.place for m in mistakes if m.place is not None and _was_done(m, made)),
        neutralised_next=tuple(mistake.pitfall for mistake in mistakes if mistake.place is None),
        device=made.request.device,
        seed=made.request.seed,
        works=made.is_right and not wrong,
        helped=not same_answer(made, first),
        recovered=fit.recovered if fit else None,
        expected=fit.fit.expected if fit else None,
        names=fit.fit.names if fit else (),
        next=tuple(each.finding for each in following),
    )
    return Tried(experiment, made, following)


def _was_done(mistake: _Mistake, made: Evidence) -> bool:
    """Whether any of a mistake's interventions found something to do."""
    done = made.trace.intervened if made.trace else ()
    return any(intervention.kind in done for intervention in mistake.interventions)


def _where_all_show(mistakes: Sequence[_Mistake]) -> Evidence:
    """The run to make again: that of a mistake which only shows away from home, for the others show there,
    too; else that of the first."""
    runs = [mistake.judged.run for mistake in mistakes]
    return next((run for run in runs if run.request.device != runs[0].request.device), runs[0])


def _errors(made: Evidence, without: Collection[str]) -> list[Judged]:
    return [each for each in judged([made], without=without) if each.finding.severity == "error"]


def _took_hold(each: Judged, mistakes: Iterable[_Mistake]) -> bool:
    """Whether an intervention changed what the very line does: the recorder saw what the line says."""
    changed = (i.positions for mistake in mistakes for i in mistake.interventions)
    return any(position.line == each.found.line for positions in changed for position in positions)
