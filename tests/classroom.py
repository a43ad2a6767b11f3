"""Classes of any size made by hand, for the tests of what a class's page shows and does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from grader.adjustments import Adjustment, apply
from grader.report.class_page import Arrival, class_page
from grader.report.last_run import LastRun, PastScore, changes
from grader.report.roster import Row, row
from tests import handmade

EVIL = (
    '</script><script>document.title="owned"</script><img src="http://127.0.0.1:9/x"'
    ' onerror="document.title=\'owned\'">"><svg onload="document.title=\'owned\'">\x1b[2J\u202e'
)
PITFALLS = ("stale-gradient", "severed-graph", "wrong-update", "diverged")
CAUSES = dict(zip(PITFALLS, ("Left over", "Was cut", "Another's gradient", "Ran away"), strict=True))
EXERCISES = ("line", "quadratic")


def classroom(size: int) -> list[Row]:
    """One in fifty was not graded, half of the others passed; the first name is hostile."""
    base = row(handmade.failed(), ""), row(handmade.result(), ""), row(handmade.ungraded(), "")
    return [_one(i, base) for i in range(size)]


def _one(i: int, base: Sequence[Row]) -> Row:
    name = EVIL if i == 0 else f"Émile {i:04}" if i % 7 == 0 else f"Student {i:04}"
    made = base[2] if i % 50 == 3 else base[i % 2]
    made = replace(
        made, name=name, student_id=str(9000 + i), exercise=EXERCISES[i // 2 % 2], report=f"r/{i}.html"
    )
    if made.status == "failed":
        pitfall = PITFALLS[i // 2 % 4]
        cost = (("gradient-zeroing", pitfall),)
        made = replace(made, errors=(pitfall,), cause=CAUSES[pitfall], costs=cost, score=float(i * 7 % 95))
    if i % 40 == 1:
        decided = Adjustment(student=name, points=-5, comment=f"Late. {EVIL}", by="N. T.")
        made = replace(made, adjusted=apply(made.score, made.max_score, decided))
    return made


def page(rows: Sequence[Row]) -> str:
    """The page of a class that was graded once before, when every third had another score."""
    before = [
        PastScore(
            exercise=row.exercise,
            student_id=row.student_id,
            name=row.name,
            status="failed",
            score=row.counted if i % 3 else 50.0,
        )
        for i, row in enumerate(rows[1:])
    ]
    last = LastRun(finished=datetime(2026, 11, 24, 14, 5, tzinfo=UTC), scores=tuple(before))
    return class_page(", ".join(EXERCISES), rows, Arrival("a Canvas download"), changes(last, rows))
