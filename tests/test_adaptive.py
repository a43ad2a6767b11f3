"""Loops are watched closely at their start and now and then; that must not change what is found."""

from __future__ import annotations

import os

import pytest

from grader.pitfall import Example, catalogue
from tests.grading import Grading, places, unmarked

# Nothing to compare: no loop is watched, or its time, memory or output is what ends it.
ENDS_BY_ITSELF = {
    "crash", "forbidden-api", "import-failure", "memory-limit", "missing-entry-point", "not-implemented",
    "output-limit", "time-limit", "wrong-signature",
}  # fmt: skip


NIGHTLY = os.environ.get("GRADER_NIGHTLY") == "1"


def examples() -> list[object]:
    """The examples that train, of each pitfall the first bad one and the first good one; nightly all."""
    found: list[object] = []
    for entry in catalogue().values():
        if entry.id in ENDS_BY_ITSELF:
            continue
        for kind, given in (("bad", entry.pitfall.bad), ("good", entry.pitfall.good)):
            chosen = given if NIGHTLY else given[:1]
            found += [pytest.param(e, id=f"{entry.id}-{kind}-{n}") for n, e in enumerate(chosen, 1)]
    return found


@pytest.mark.parametrize("example", examples())
def test_the_same_comes_out_however_closely_the_loop_was_watched(grading: Grading, example: Example) -> None:
    source = unmarked(example.source)
    adaptive = grading.result(source, example.exercise, device=example.device)
    full = grading.watched(example, "full")
    assert places(full.findings) == places(adaptive.findings)
    assert [f.step for f in full.findings] == [f.step for f in adaptive.findings]
    assert (full.status, full.score) == (adaptive.status, adaptive.score)
    assert [item.status for item in full.rubric] == [item.status for item in adaptive.rubric]
