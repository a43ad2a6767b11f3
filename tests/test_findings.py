"""Each mistake is reported once, causes before symptoms, and pitfalls keep to what a trace can hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from grader import findings
from grader.evidence import FitEvidence
from grader.findings import judge
from grader.pitfall import Entry, Found, Pitfall, catalogue
from grader.records import Finding, ReturnedValue
from tests.traces import Story, a_request, back, evidence, leaf, raised, slot, state, tensor_back, view


def entry(name: str, *found: Found, compare: Any = None, **changes: Any) -> Entry:
    """A pitfall that finds the same in every run."""

    def find(run: FitEvidence) -> Iterator[Found]:
        yield from found

    fields = {
        "title": f"The {name}", "section": "training", "rubric": "coefficients", "what": "What.",
        "why": "Why.", "mend": "Mend it.",
    }  # fmt: skip
    pitfall = Pitfall(**{**fields, **changes})
    return Entry(id=name, pitfall=pitfall, find=find if found else None, compare=compare)


Judge = Any


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Judges runs by a catalogue of the test's own."""

    def judged(entries: Sequence[Entry], runs: Sequence[FitEvidence] | None = None) -> tuple[Finding, ...]:
        known = {each.id: each for each in entries}
        monkeypatch.setattr(findings, "catalogue", lambda: known)
        return judge([Story().run()] if runs is None else runs)

    return judged


def ids(found: Sequence[Finding]) -> list[str]:
    return [finding.pitfall for finding in found]


def test_a_finding_has_the_words_of_its_pitfall_and_the_place_of_its_run(judged: Judge) -> None:
    (finding,) = judged([entry("slip", Found("It slipped.", 3, step=2, evidence={"a": 1}))])
    assert (finding.pitfall, finding.severity, finding.message) == ("slip", "error", "It slipped.")
    assert (finding.line, finding.source, finding.step) == (3, "line3 = call(3)", 2)
    assert (finding.device, finding.seed, finding.evidence) == ("cpu", 101, {"a": 1})
    assert (finding.title, finding.why, finding.fix) == ("The slip", "Why.", "Mend it.")
    assert finding.rubric == "coefficients"


def test_a_findings_own_words_come_first(judged: Judge) -> None:
    (finding,) = judged([entry("slip", Found("M.", None, fix="Turn it.", severity="warning"))])
    assert (finding.fix, finding.severity, finding.source) == ("Turn it.", "warning", None)


def test_the_same_mistake_in_every_run_is_told_once(judged: Judge) -> None:
    runs = [Story().run() for _ in range(3)]
    assert len(judged([entry("slip", Found("M.", 3))], runs)) == 1
    assert len(judged([entry("slip", Found("M.", 3), Found("M.", 4), Found("N.", 3))], runs)) == 2


def test_a_repeated_run_is_only_compared(judged: Judge) -> None:
    seen: list[int] = []

    def compare(runs: Sequence[FitEvidence]) -> Iterator[Found]:
        seen.append(len(runs))
        yield Found("Compared.", None)

    first, again = Story().run(), evidence(Story().trace(), repeat=True)
    found = judged([entry("slip", Found("M.", 3)), entry("other", compare=compare)], [first, again])
    assert sorted(ids(found)) == ["other", "slip"] and seen == [2]
    assert judged([entry("slip", Found("M.", 3))], [again]) == ()


def test_without_runs_nothing_is_asked(judged: Judge) -> None:
    def compare(runs: Sequence[FitEvidence]) -> Iterator[Found]:
        raise AssertionError

    assert judged([entry("other", Found("M.", 1), compare=compare)], []) == ()


def test_a_symptom_is_not_told_beside_its_cause(judged: Judge) -> None:
    cause = entry("cause", Found("C.", 9), explains=("symptom", "third"))
    symptom = entry("symptom", Found("S.", 1), explains=("third",))
    third = entry("third", Found("T.", 1))
    assert ids(judged([cause, symptom, third])) == ["cause"]
    assert ids(judged([symptom, third])) == ["symptom"]
    assert ids(judged([third])) == ["third"]


def test_a_symptom_of_a_symptom_is_not_told_either(judged: Judge) -> None:
    """What explains a symptom is still said where that is itself explained: chains need no transitivity."""
    entries = [
        entry("a", Found("A.", 1), explains=("b",)),
        entry("b", Found("B.", 2), explains=("c",)),
        entry("c", Found("C.", 3)),
    ]
    assert ids(judged(entries)) == ["a"]


def test_a_warning_explains_nothing(judged: Judge) -> None:
    cause = entry("cause", Found("C.", 1), severity="warning", explains=("symptom",))
    assert ids(judged([cause, entry("symptom", Found("S.", 2))])) == ["symptom", "cause"]


def test_a_pitfall_may_explain_one_that_is_not_there(judged: Judge) -> None:
    assert ids(judged([entry("cause", Found("C.", 1), explains=("nobody",))])) == ["cause"]


def test_a_pitfall_does_not_hide_itself(judged: Judge) -> None:
    assert ids(judged([entry("one", Found("A.", 1), Found("B.", 2), explains=("one",))])) == ["one", "one"]


def test_errors_come_first_and_then_what_bites_first(judged: Judge) -> None:
    found = judged(
        [
            entry("a-late", Found("M.", 1, step=9)),
            entry("b-warning", Found("M.", 1), severity="warning"),
            entry("c-nowhere", Found("M.", None)),
            entry("d-line-8", Found("M.", 8)),
            entry("e-line-2", Found("M.", 2)),
        ]
    )
    assert ids(found) == ["e-line-2", "d-line-8", "c-nowhere", "a-late", "b-warning"]


def test_a_line_that_the_source_has_not_has_no_text(judged: Judge) -> None:
    (finding,) = judged([entry("slip", Found("M.", 999))])
    assert (finding.line, finding.source) == (999, None)


# --- the real catalogue on every kind of ending ------------------------------------------------------


def _endings() -> list[tuple[str, FitEvidence]]:
    """Runs that ended in every way, with as little evidence as such a run may have."""
    story = Story()
    nothing = ReturnedValue(kind="none", type="NoneType")
    empty = story.trace(returned=nothing)
    found = [(ending, evidence(None, ending=ending, detail="why"))
             for ending in ("time", "output", "memory", "signal", "exit", "protocol")]  # fmt: skip
    found += [
        ("nothing returned", evidence(empty)),
        ("an empty script", evidence(empty, request=a_request("script"))),
        ("raised", evidence(story.trace(outcome="raised", raised=raised()))),
        ("raised at import", evidence(story.trace(outcome="raised", stage="import", raised=raised()))),
        ("raised nowhere", evidence(story.trace(outcome="raised", raised=raised(line=None)))),
        ("raised out of range", evidence(story.trace(outcome="raised", raised=raised(event=99, line=9999)))),
        (
            "exited",
            evidence(story.trace(outcome="exited", exit_status="3", raised=raised(type="SystemExit"))),
        ),
        ("no entry", evidence(story.trace(entry_missing=True))),
        ("entry problem", evidence(story.trace(entry_problem="(x): too many"))),
        ("no source", evidence(empty, source="")),
    ]
    return found


@pytest.mark.parametrize(("name", "run"), _endings(), ids=[name for name, _ in _endings()])
def test_every_ending_has_a_mistake_and_no_pitfall_fails_on_it(name: str, run: FitEvidence) -> None:
    found = judge([run])
    assert [finding for finding in found if finding.severity == "error"], name


def _forged() -> Iterator[FitEvidence]:
    """Traces that keep the rules of the records and no others: a child's word is only a claim."""
    nan = float("nan")
    for value in (nan, float("inf"), 0.0, 1e300):
        story = Story()
        w = leaf(1, value)
        story.call("torch.zeros", (), (w,))
        story.call("Tensor.mul", (w, view(2)), (view(3, requires_grad=True, leaf=False),))
        story.backward(state(value=value, fresh=value, grad_after=value), loss=view(4, value))
        story.call("Tensor.grad.__get__", (w,), (view(5, value),))
        story.call("Tensor.sub", (w, view(5, value)), (view(6, value),))
        story.backward(state(tensor=6, value=value, carried=value, grad_before=value), retain_graph=True)
        story.call("Tensor.grad.__set__", ())
        story.call("Tensor.zero_", (), ())
        returned = back(tensor_back(w), tensor_back(view(8, value, dtype="float64")))
        parameters = (slot(final=(value,), passes=2, carried_passes=2, unmoved_passes=2), slot(1, None))
        yield story.run(slots=parameters, returned=returned)
        yield story.run(slots=parameters, returned=None, outcome="raised", raised=raised(event=4))
        yield story.run(slots=(slot(final=None, shape=(0,)),), returned=back(), backward_count=10**9)
        yield story.run(slots=(), returned=tensor_back(view(9, *[value] * 3)))
        yield story.run(slots=(slot(tensors=()),), backwards=())


@pytest.mark.parametrize("number", range(20))
def test_no_pitfall_fails_on_a_forged_trace(number: int) -> None:
    run = list(_forged())[number]
    for each in catalogue().values():
        if each.find is not None:
            for found in each.find(run):
                assert found.message == found.message.strip()
        if each.compare is not None:
            list(each.compare([run, run]))


def test_a_site_that_is_not_there_is_no_place() -> None:
    story = Story()
    event = story.call("torch.zeros", (), (), line=500)
    assert story.run().line(event) is None
