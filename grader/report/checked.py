"""What ``grader.check`` gives back: a result that a notebook shows as HTML and a terminal as text."""

from __future__ import annotations

import io
from collections.abc import Container
from dataclasses import dataclass, field

from rich.console import Console

from grader.clean import visible
from grader.records import Result
from grader.report import wording
from grader.report.brief import brief_report
from grader.report.page import render
from grader.report.view import result_view

WIDTH = 100


@dataclass(frozen=True, repr=False)
class Checked:
    """One verdict. ``result`` is all of it, as ``grader check --format json`` prints it."""

    result: Result
    places: tuple[str, ...] = field(default=(), repr=False)
    """Of every line that was graded, where it stands in the notebook; empty for a file."""

    @property
    def passed(self) -> bool:
        return self.result.status == "passed"

    @property
    def score(self) -> float:
        return self.result.score

    @property
    def place(self) -> str:
        """Where the first thing to mend stands in the notebook."""
        cause = wording.first_cause(self.result)
        line = cause.line if cause is not None else None
        return self.places[line - 1] if isinstance(line, int) and 0 < line <= len(self.places) else ""

    def __repr__(self) -> str:
        out = io.StringIO()
        console = Console(
            file=out, width=WIDTH, color_system=None, markup=False, highlight=False, emoji=False
        )
        console.print(brief_report(self.result))
        lines = [line.rstrip() for line in out.getvalue().rstrip().splitlines()]
        return "\n".join([*lines, *([f"  That line is {visible(self.place)}."] if self.place else [])])

    def _repr_html_(self) -> str:
        return render("checked.html.j2", page=result_view(self.result), place=self.place)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        bundle = {"text/plain": repr(self), "text/html": self._repr_html_()}
        return {
            kind: text
            for kind, text in bundle.items()
            if (include is None or kind in include) and (exclude is None or kind not in exclude)
        }
