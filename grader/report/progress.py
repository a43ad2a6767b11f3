"""How far a class is: a bar on a terminal, now and then a line in a log."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
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

from grader.adjustments import Adjustment
from grader.clean import one_line, terminal
from grader.report.class_folder import ClassFolder
from grader.report.class_page import since, summary
from grader.report.roster import Row, by_name, commonest
from grader.report.text import STYLE
from grader.report.wording import STATUS, number
from grader.words import plural

LINE_SECONDS = 10.0
MOST_PITFALLS = 5
MOST_NOTICES = 5
MOST_UNGRADED = 5


class ClassProgress:
    """Told of every row; shows count, time left and a running tally on the console it is given."""

    def __init__(self, console: Console, total: int, told: Callable[[Text], None] | None = None) -> None:
        """``told``, where it is given, gets a line about each."""
        self._console = console
        self._told = told
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
            disable=not console.is_terminal or told is not None,  # a bar and lines would tear each other
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
        if self._told is not None:
            self._told(row_line(row))
        else:
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


def class_summary(folder: ClassFolder) -> Text:
    """The last words of a class: how many passed, what changed, what they fell into, where to look."""
    rows = folder.rows
    lines = [f"{summary(rows)}."]
    if ungraded := [row for row in by_name(rows) if row.status == "ungraded"]:
        lines += [f"  not graded: {row.name}: {one_line(row.cause, 120)}" for row in ungraded[:MOST_UNGRADED]]
        if len(ungraded) > MOST_UNGRADED:
            lines.append(f"  … and {len(ungraded) - MOST_UNGRADED} more, on the class's page.")
    if folder.changes is not None:
        counts = [f"{count} {word}" for word, count in folder.changes.counts()]
        lines.append(f"Since the run of {since(folder.changes)}: {', '.join(counts) or 'no change'}.")
    if common := commonest(rows)[:MOST_PITFALLS]:
        lines.append("Commonest: " + ", ".join(f"{name} ({count})" for name, count in common))
    if decided := sum(row.adjusted is not None for row in rows):
        lines.append(f"Decided by hand: {plural(decided, 'result')}.")
    lines.append(f"The class's page: {folder.index}")
    return terminal("\n".join(lines))


def for_nobody_told(entries: Sequence[Adjustment]) -> list[str]:
    """A line for each decision that is for nobody of the class."""
    return [
        f"Adjusted, but not in this class: {one_line(entry.student, 80)}. Check the name, or give the id."
        for entry in entries
    ]


def row_line(row: Row) -> Text:
    """One result in a line, as it comes: how it went, the score, whose it is, what to mend first."""
    symbol, word = STATUS[row.status]
    score = f"{number(row.score)}/{number(row.max_score)}" if row.status != "ungraded" else "-"
    line = terminal(f"{symbol} {word:<10} {score:>7}  ", STYLE[row.status])
    cause = f": {row.errors[0] if row.errors else one_line(row.cause, 120)}" if row.cause else ""
    return line.append_text(terminal(f"{one_line(row.name, 60)}, {row.exercise}{cause}"))
