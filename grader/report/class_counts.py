"""What a class shows as a whole: its scores, and what cost how many of them which item of the rubric."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from grader.report.roster import Row, commonest, exercises, pitfall_pages
from grader.report.wording import number

_BINS = 10


@dataclass(frozen=True)
class Bin:
    """One bar of the histogram."""

    label: str
    count: int
    share: float
    """Of the tallest, in per cent."""


@dataclass(frozen=True)
class PitfallCount:
    """How many fell into a pitfall."""

    id: str
    href: str
    """Its page in the class's folder; empty for a pitfall that is not known here."""
    count: int
    share: float = 0.0
    """Of the commonest, in per cent."""
    each: tuple[tuple[str, int], ...] = ()
    """By exercise, where the class has several."""


@dataclass(frozen=True)
class ItemCount:
    """How one item of the rubric went, and the pitfalls that cost it."""

    title: str
    passed: int
    blocked: int
    of: int
    share: float
    pitfalls: tuple[PitfallCount, ...]


@dataclass(frozen=True)
class ExerciseCount:
    exercise: str
    items: tuple[ItemCount, ...]


def histogram(rows: Sequence[Row]) -> tuple[Bin, ...]:
    """How many scored what, in tenths of the full score; the full score has a bar of its own."""
    counts = [0] * (_BINS + 1)
    for share in _shares(rows):
        counts[min(max(int(_BINS * share), 0), _BINS)] += 1
    tallest = max(counts) or 1
    labels = [f"{10 * i}–{10 * i + 9} %" for i in range(_BINS)] + ["100 %"]
    return tuple(
        Bin(label, count, round(100 * count / tallest, 1))
        for label, count in zip(labels, counts, strict=True)
    )


def middle(rows: Sequence[Row]) -> str:
    """The median and the mean in words; empty where nobody has a score."""
    shares = [100 * share for share in _shares(rows)]
    if not shares:
        return ""
    median, mean = (number(round(f(shares), 1)) for f in (statistics.median, statistics.fmean))
    return f"{len(shares)} with a score: median {median} %, mean {mean} %."


def _shares(rows: Sequence[Row]) -> list[float]:
    """The scores that count, as parts of the highest."""
    return [row.counted / row.max_score for row in rows if row.counted is not None and row.max_score > 0]


def pitfall_counts(rows: Sequence[Row]) -> tuple[PitfallCount, ...]:
    """The pitfalls that cost somebody points, commonest first."""
    counted, pages = commonest(rows), pitfall_pages(rows)
    names = exercises(rows)
    each = {name: Counter(p for row in rows if row.exercise == name for p in row.errors) for name in names}
    return tuple(
        PitfallCount(
            id=pitfall,
            href=pages.get(pitfall, ""),
            count=count,
            share=round(100 * count / counted[0][1], 1),
            each=tuple((n, each[n][pitfall]) for n in names if each[n][pitfall]) if len(names) > 1 else (),
        )
        for pitfall, count in counted
    )


def exercise_counts(rows: Sequence[Row]) -> tuple[ExerciseCount, ...]:
    """Of each exercise the items of its rubric, in their order."""
    pages = pitfall_pages(rows)
    found = []
    for name in exercises(rows):
        own = [row for row in rows if row.exercise == name and row.items]
        if own:
            found.append(ExerciseCount(name, _items(own, pages)))
    return tuple(found)


def _items(rows: Sequence[Row], pages: dict[str, str]) -> tuple[ItemCount, ...]:
    titles: dict[str, str] = {}
    statuses: dict[str, Counter[str]] = defaultdict(Counter)
    costs: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for item in row.items:
            titles.setdefault(item.id, item.title)
            statuses[item.id][item.status] += 1
        for item_id, pitfall in row.costs:
            costs[item_id][pitfall] += 1
    return tuple(_item(title, statuses[item], costs[item], pages) for item, title in titles.items())


def _item(title: str, statuses: Counter[str], costs: Counter[str], pages: dict[str, str]) -> ItemCount:
    of = statuses.total()
    return ItemCount(
        title=title,
        passed=statuses["passed"],
        blocked=statuses["blocked"],
        of=of,
        share=round(100 * statuses["passed"] / of, 1),
        pitfalls=tuple(
            PitfallCount(pitfall, pages.get(pitfall, ""), count)
            for pitfall, count in sorted(costs.items(), key=lambda pair: (-pair[1], pair[0]))
        ),
    )
