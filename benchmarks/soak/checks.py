"""What must hold when a soak has ended."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak.watching import Sample, Watched

MOST_GROWTH = 1.2
"""The parent's memory at the end, over that after the first tenth."""
MIB = 1024 * 1024


@dataclass(frozen=True)
class Check:
    """One thing that must hold, what was seen of it, and whether it does."""

    name: str
    seen: str
    holds: bool


def checks(watched: Watched, out: Path, students: Sequence[str], stray: Iterable[Path]) -> list[Check]:
    """All of them, in the order in which they are printed. Of a soak that was stopped, those that can be."""
    names, statuses = _results(out / "results.jsonl")
    expected = 130 if watched.stopped else 0
    files = [str(path) for path in stray]
    growth = memory_growth(watched.samples)
    twice = [name for name, count in names.items() if count > 1]
    wanted = set(names) <= set(students) if watched.stopped else set(names) == set(students)
    return [
        Check("exit status", str(watched.status), watched.status == expected),
        Check("results", f"{sum(names.values())} for {len(students)} students", wanted and not twice),
        Check("not graded", str(statuses["ungraded"]), statuses["ungraded"] == 0),
        Check("processes left", _some(watched.left), not watched.left),
        Check("files left outside OUT", _some(files), not files),
        Check("parent's memory, end over first tenth", f"{growth:.2f}", growth <= MOST_GROWTH),
    ]


def memory_growth(samples: Sequence[Sample]) -> float:
    """The parent's memory in the last tenth of the results over that in the second: in the first it imports
    what it needs. 0 where there are too few samples to say."""
    most = max((sample.done for sample in samples), default=0)
    early = [s.own for s in samples if 0.1 * most < s.done <= 0.2 * most]
    late = [s.own for s in samples if s.done >= 0.9 * most]
    return statistics.median(late) / statistics.median(early) if early and late else 0.0


def figures(watched: Watched) -> list[tuple[str, str]]:
    """What was measured, and need not be anything."""
    samples = watched.samples or [Sample(0, 0, 0, 0)]
    graded = samples[-1].done - samples[0].done
    return [
        ("seconds", f"{watched.seconds:.0f}"),
        ("submissions per second", f"{graded / max(watched.seconds, 1e-9):.2f}"),
        ("parent's memory, most", f"{max(s.own for s in samples) / MIB:.0f} MiB"),
        ("all processes' memory, most", f"{max(s.tree for s in samples) / MIB:.0f} MiB"),
        ("processes at once, most", str(max(s.processes for s in samples))),
    ]


def _results(path: Path) -> tuple[Counter[str], Counter[str]]:
    """How many results each student has, and each status."""
    names, statuses = Counter[str](), Counter[str]()
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                result = json.loads(line)
                names[result["submission"]["name"]] += 1
                statuses[result["status"]] += 1
    return names, statuses


def _some(found: Sequence[str]) -> str:
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "") or "none"
