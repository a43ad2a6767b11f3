"""The folder of a graded class, written as the results come in."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from pydantic import ValidationError

from grader.adjustments import TEMPLATE, AdjustedScore, Adjustments, adjusted, apply
from grader.clean import slug
from grader.errors import AlreadyThere, UsageError
from grader.pitfall import catalogue
from grader.records import Result
from grader.report import files
from grader.report.class_page import Arrival, class_page
from grader.report.gradebook import gradebook
from grader.report.html import html_report
from grader.report.json_text import result_json
from grader.report.last_run import Changes, changes, read_last_run, write_last_run
from grader.report.reference_page import reference_page
from grader.report.result_lines import Extent, LinesOf
from grader.report.roster import Row, pitfall_pages, row

ADJUSTMENTS = "adjustments.toml"
_MARK = "<!-- adjusted {} -->\n"
_MARK_BYTES = len(_MARK.format("0" * 16))


class ClassFolder:
    """``results.jsonl`` and ``reports/`` grow with every result; the rest is written at the end. ``kept`` are
    the results from before that stay: where each is in ``results.jsonl``, and its row.

    As a context manager it ends well however the class ends: what was graded can be read.
    """

    def __init__(
        self,
        out: Path,
        *exercises: str,
        arrival: Arrival | None = None,
        kept: Sequence[tuple[Extent, Row]] = (),
        adjustments: Adjustments | None = None,
    ) -> None:
        self.out = out
        self.exercises = exercises
        self.arrival = arrival
        self.changes: Changes | None = None
        """Since the last run that went to its end; known when this one has ended, too."""
        self._kept = kept
        self._adjustments = adjustments
        self.rows: list[Row] = []
        self._taken: Counter[str] = Counter()
        self._lines: TextIO | None = None

    @property
    def results(self) -> Path:
        return self.out / "results.jsonl"

    @property
    def index(self) -> Path:
        return self.out / "index.html"

    def __enter__(self) -> ClassFolder:
        """Make the folder.

        Raises:
            UsageError: it is a file, or cannot be written.
        """
        try:
            for folder in ("reports", "pitfalls"):
                (self.out / folder).mkdir(parents=True, exist_ok=True)
            self._offer_adjustments()
            self._keep()
            self._lines = self.results.open("a", encoding="utf-8")
        except (FileExistsError, NotADirectoryError):
            raise UsageError(f"Cannot write to '{self.out}': a file is in the way. Name a folder.") from None
        except OSError as error:
            raise UsageError(f"Cannot write to '{self.out}': {error.strerror or error}.") from error
        return self

    def add(self, result: Result) -> Row:
        """Write one result and its report, now."""
        assert self._lines is not None, "used outside its with block"  # noqa: S101
        self._lines.write(result_json(result) + "\n")
        self._lines.flush()
        decided = adjusted(result, self._decisions)
        report = self._report_of(result.submission.name, result.submission.student_id, result.exercise)
        files.write(self.out / report, _page(result, decided))
        self.rows.append(row(result, report, decided))
        return self.rows[-1]

    def _offer_adjustments(self) -> None:
        """A file to decide in, where none is and no other was named."""
        if self._adjustments is None:
            with contextlib.suppress(AlreadyThere):
                files.copy_new(TEMPLATE, self.out / ADJUSTMENTS)

    @property
    def _decisions(self) -> Adjustments:
        return self._adjustments or Adjustments()

    def _keep(self) -> None:
        """Never less on the disk than there was: the kept lines replace the old ones in one step."""
        if not self._kept:
            files.write(self.results, b"")
            return
        with LinesOf(self.results) as lines:
            with files.replacing(self.results) as file:
                file.writelines(lines[extent] for extent, _ in self._kept)
            for extent, kept in self._kept:
                self._add_kept(kept, lines, extent)

    def _add_kept(self, kept: Row, lines: LinesOf, extent: Extent) -> None:
        """Its report is written again where there is none, or another was decided meanwhile."""
        decision = self._decisions.of(*kept.key)
        decided = apply(kept.score if kept.status != "ungraded" else None, kept.max_score, decision)
        report = self._report_of(kept.name, kept.student_id, kept.exercise)
        if _marked(self.out / report) != _mark(decided):
            files.write(self.out / report, _page(_whole(lines[extent], kept, self.results), decided))
        self.rows.append(replace(kept, report=report, adjusted=decided if decided.by_hand else None))

    def _report_of(self, name: str, student_id: str, exercise: str) -> str:
        """Nobody's report is written over another's, whatever the files are called."""
        report = report_name(name, student_id, exercise if len(self.exercises) > 1 else "")
        self._taken[report] += 1
        copy = f"-{self._taken[report]}" if self._taken[report] > 1 else ""
        return f"reports/{report}{copy}.html"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._lines is not None:
            self._lines.close()
        last = read_last_run(self.out) if kind is None else None
        self.changes = changes(last, self.rows) if last else None
        self._write_pitfalls()
        names = ", ".join(self.exercises)
        files.write(self.index, class_page(names, self.rows, self.arrival, self.changes))
        files.write(self.out / "gradebook.csv", gradebook(self.rows, self.exercises))
        if kind is None:
            write_last_run(self.out, self.rows, datetime.now(UTC))

    def _write_pitfalls(self) -> None:
        """The page of each pitfall that was found in the class."""
        pages = pitfall_pages(self.rows)
        beside = {pitfall: f"{pitfall}.html" for pitfall in pages}
        for pitfall, path in pages.items():
            page = reference_page(catalogue()[pitfall], beside, home="../index.html")
            files.write(self.out / path, page)


def report_name(name: str, student_id: str, exercise: str = "") -> str:
    """What a student's report is called, the same in every run: by the name, the id where there is one, and
    the exercise where the class has several."""
    return slug(f"{name} {student_id}" if student_id else name) + (f"-{exercise}" if exercise else "")


def _whole(line: bytes, kept: Row, results: Path) -> Result:
    try:
        return Result.model_validate_json(line)
    except ValidationError:
        raise UsageError(
            f"'{results}' has a result for '{kept.name}' that another version of the grader wrote, and that"
            " no report can be made from: grade the class with --fresh."
        ) from None


def _page(result: Result, decided: AdjustedScore) -> str:
    return html_report(result, decided if decided.by_hand else None) + _mark(decided)


def _mark(decided: AdjustedScore) -> str:
    """Ends a page that shows what a person decided, so that a later run knows whether it still says so."""
    if not decided.by_hand:
        return ""
    return _MARK.format(hashlib.sha256(decided.model_dump_json().encode()).hexdigest()[:16])


def _marked(report: Path) -> str | None:
    """The mark that a page ends in, empty where it has none; None where there is no page."""
    try:
        with report.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _MARK_BYTES, 0))
            end = file.read().decode("utf-8", "replace")
    except OSError:
        return None
    return end if end.startswith("<!-- adjusted ") else ""
