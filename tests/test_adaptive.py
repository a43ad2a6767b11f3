"""Loops are watched closely at their start and now and then; that must not change what is found."""

from __future__ import annotations

import pytest

from grader.pitfall import Example, catalogue
from tests.grading import Grading, places, unmarked

# Nothing to compare: no loop is watched, or its time, memory or output is what ends it.
ENDS_BY_ITSELF = {
    "crash", "forbidden-api", "import-failure", "memory-limit", "missing-entry-point", "not-implemented",
    "output-limit", "time-limit", "wrong-signature",
}  # fmt: skip


def examples() -> list[object]:
    """All bad examples that train."""
    found: list[object] = []
    for entry in catalogue().values():
        if entry.id not in ENDS_BY_ITSELF:
            bad = enumerate(entry.pitfall.bad, 1)
            found += [pytest.param(e, id=f"{entry.id}-bad-{number}") for number, e in bad]
    return found


@pytest.mark.parametrize("example", examples())
def test_the_same_is_found_however_closely_the_loop_was_watched(grading: Grading, example: Example) -> None:
    source = unmarked(example.source)
    adaptive = grading.result(source, example.exercise, device=example.device)
    full = grading.findings(example, "full")
    assert places(full) == places(adaptive.findings)
    assert [f.step for f in full] == [f.step for f in adaptive.findings]
