"""How far a class is: a bar on a terminal, now and then a line in a log."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from grader.clean import terminal
from grader.report.class_page import summary
from grader.report.roster import Row, commonest
from grader.report.wording import STATUS

LINE_SECONDS = 10.0
MOST_PITFALLS = 5
MOST_NOTICES = 5


class ClassProgress:
    """Told of every row; shows count, time left and a running tally on the console it is given."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._tally: Counter[str] = Counter()
        self._last_line = time.monotonic()
        self._bar = Progress(
            TextColumn("Grading"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[tally]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, tally="starting")

    def __enter__(self) -> ClassProgress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, row: Row) -> None:
        """One more submission is graded."""
        self._tally[row.status] += 1
        self._bar.update(self._task, advance=1, tally=self.tally)
        self._say_now_and_then()

    @property
    def tally(self) -> str:
        """``12 passed, 3 not passed``."""
        return ", ".join(f"{self._tally[s]} {STATUS[s][1]}" for s in STATUS if self._tally[s])

    def _say_now_and_then(self) -> None:
        if self._console.is_terminal or time.monotonic() - self._last_line < LINE_SECONDS:
            return
        self._last_line = time.monotonic()
        done = sum(self._tally.values())
        self._console.print(f"{done} of {self._total} graded: {self.tally}", highlight=False)


def class_arrival(layout: str, students: int, exercises: Sequence[str], notices: Sequence[str]) -> Text:
    """The first words of a class: what was recognised, and what was left out."""
    who = "1 student" if students == 1 else f"{students} students"
    lines = [f"Recognised {layout}: {who}, {', '.join(exercises)}."]
    lines += notices[:MOST_NOTICES]
    if len(notices) > MOST_NOTICES:
        lines.append(f"… and {len(notices) - MOST_NOTICES} more such notices, on the class's page.")
    return terminal("\n".join(lines))


def class_summary(rows: Sequence[Row], index: Path) -> Text:
    """The last words of a class: how many passed, what they fell into, where to look."""
    lines = [f"{summary(rows)}."]
    if common := commonest(rows)[:MOST_PITFALLS]:
        lines.append("Commonest: " + ", ".join(f"{name} ({count})" for name, count in common))
    lines.append(f"The class's page: {index}")
    return terminal("\n".join(lines))
