"""Every example of every pitfall, and the words that a pitfall's file owes its reader."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from grader.exercise import Course
from grader.pitfall import Entry, Example, catalogue
from grader.verify import marked_line
from tests.grading import FITS, Grading, places, unmarked

# From the contract: an id is part of what others build on.
CONTRACT = {
    "tensors": "integer-tensor double-precision wrong-dtype wrong-shape elementwise-product python-loop"
    " unseeded-randomness",
    "devices": "hardcoded-device unbound-move moved-leaf device-mismatch",
    "broadcasting": "silent-broadcast",
    "autograd": "missing-requires-grad non-leaf-parameter non-scalar-backward severed-graph"
    " repeated-backward missing-backward autograd-unused",
    "zeroing": "stale-gradient gradient-cleared-too-early cleared-parameter",
    "no_grad": "tracked-inplace-update tracked-rebinding lost-requires-grad unapplied-update"
    " data-attribute-update tracked-evaluation untracked-forward",
    "memory and speed": "retained-graph item-every-step",
    "training": "wrong-update gradient-ascent diverged undertrained parameters-reset hardcoded-answer"
    " closed-form-solution forbidden-api inaccurate-result",
    "running": "import-failure missing-entry-point wrong-signature wrong-return not-implemented"
    " runtime-error time-limit memory-limit output-limit crash tampering",
}
SECTIONS = {name: section for section, names in CONTRACT.items() for name in names.split()}
WARNINGS = {"data-attribute-update", "item-every-step", "python-loop", "tracked-evaluation"}
"""The last one is an error only where an exercise asks for an evaluation; that is the finding's to say."""
MARK = re.compile(r"#\s*<-\s*(\S+)\s*$", re.MULTILINE)


def examples(kind: str) -> list[object]:
    """Every bad or good example, with an id that says which."""
    return [
        pytest.param(entry, example, id=f"{entry.id}-{kind}-{number}")
        for entry in catalogue().values()
        for number, example in enumerate(getattr(entry.pitfall, kind), 1)
    ]


NOTHING_TO_NEUTRALISE = {
    ("cleared-parameter", "the name is bound to None"): "no call of torch is made",
    (
        "repeated-backward",
        "the forward pass stands before the loop; the flag hides it",
    ): "it needs a forward",
    ("severed-graph", "silent: the loss was told to require grad"): "Python's own floats lie in between",
}
"""Bad examples of pitfalls that others of can be neutralised, and why these cannot."""


def is_never_tried(entry: Entry, example: Example) -> bool:
    """Whether no experiment is made of a bad example."""
    warning = entry.pitfall.severity == "warning"
    return entry.neutralise is None or warning or (entry.id, example.note) in NOTHING_TO_NEUTRALISE


every_pitfall = pytest.mark.parametrize("entry", [pytest.param(e, id=e.id) for e in catalogue().values()])


@pytest.mark.parametrize(("entry", "example"), examples("bad"))
def test_a_bad_example_is_caught_as_itself_at_its_line_and_nothing_else_is(
    grading: Grading, entry: Entry, example: Example
) -> None:
    endless = entry.id == "time-limit"
    source = unmarked(example.source)
    result = grading.result(source, example.exercise, endless=endless, device=example.device)
    assert places(result.findings) == [(entry.id, marked_line(example.source, entry.id))]
    assert result.findings[0].severity == entry.pitfall.severity
    passes = entry.pitfall.severity == "warning"
    assert (result.status == "passed", result.score == result.max_score) == (passes, passes)
    assert result.findings[0].confirmed is (None if is_never_tried(entry, example) else True)


@pytest.mark.parametrize(("entry", "example"), examples("good"))
def test_a_good_example_passes_and_nothing_is_found(grading: Grading, entry: Entry, example: Example) -> None:
    result = grading.result(example.source, example.exercise, device=example.device)
    assert places(result.findings) == []
    assert (result.status, result.score) == ("passed", result.max_score)
    assert result.experiments == ()


@every_pitfall
def test_an_id_is_the_contracts_and_in_its_section(entry: Entry) -> None:
    assert SECTIONS.get(entry.id) == entry.pitfall.section
    assert (entry.pitfall.severity == "warning") == (entry.id in WARNINGS)


@every_pitfall
def test_a_pitfall_says_what_it_is_why_it_bites_and_how_to_mend_it(entry: Entry) -> None:
    pitfall = entry.pitfall
    for text in (pitfall.what, pitfall.why, pitfall.mend):
        assert text == text.strip() and (text[0].isupper() or text[0] == "`"), text
        assert text.endswith((".", "?", "!")), text
        assert "  " not in text, text
    assert pitfall.title == pitfall.title.strip() and not pitfall.title.endswith(".")
    assert len(pitfall.title) <= 80 and "\n" not in pitfall.title


@every_pitfall
def test_a_pitfall_can_be_found(entry: Entry) -> None:
    assert entry.find or entry.compare or entry.find_in_call


@every_pitfall
def test_a_pitfall_costs_and_blocks_items_that_every_fit_has(entry: Entry, course: Course) -> None:
    for name in FITS:
        items = {item.id for item in course.exercise(name).rubric}
        assert entry.pitfall.rubric in items
        assert set(entry.pitfall.blocks) <= items
    assert entry.pitfall.rubric not in entry.pitfall.blocks


@every_pitfall
def test_what_a_pitfall_explains_is_in_the_contract_and_not_itself(entry: Entry) -> None:
    explained = entry.pitfall.explains
    assert set(explained) <= set(SECTIONS)
    assert entry.id not in explained
    assert len(set(explained)) == len(explained)


def test_no_two_pitfalls_explain_each_other() -> None:
    for one, other in combinations(catalogue().values(), 2):
        both = one.id in other.pitfall.explains and other.id in one.pitfall.explains
        assert not both, f"{one.id} and {other.id} would hide each other"


@every_pitfall
def test_a_pitfall_has_examples_enough_and_marks_only_in_bad_ones(entry: Entry, course: Course) -> None:
    pitfall = entry.pitfall
    assert len(pitfall.bad) >= 2 and len(pitfall.good) >= 3
    assert len({example.source for example in (*pitfall.bad, *pitfall.good)}) == len(
        (*pitfall.bad, *pitfall.good)
    )
    for example in pitfall.bad:
        assert MARK.findall(example.source) in ([], [entry.id])
    for example in pitfall.good:
        assert MARK.findall(example.source) == []
    for example in (*pitfall.bad, *pitfall.good):
        assert example.exercise in course.exercise_ids()
