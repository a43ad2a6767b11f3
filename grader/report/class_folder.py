"""The folder of a graded class, written as the results come in."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from grader.clean import slug
from grader.errors import UsageError
from grader.pitfall import catalogue
from grader.records import Result
from grader.report import files
from grader.report.class_page import Arrival, class_page
from grader.report.gradebook import gradebook
from grader.report.html import html_report
from grader.report.json_text import result_json
from grader.report.reference_page import reference_page
from grader.report.roster import Row, pitfall_pages, row


class ClassFolder:
    """``results.jsonl`` and ``reports/`` grow with every result; the rest is written at the end. ``kept`` are
    results from before: they stay.

    As a context manager it ends well however the class ends: what was graded can be read.
    """

    def __init__(
        self, out: Path, *exercises: str, arrival: Arrival | None = None, kept: Sequence[Result] = ()
    ) -> None:
        self.out = out
        self.exercises = exercises
        self.arrival = arrival
        self._kept = kept
        self.rows: list[Row] = []
        self._reports: set[str] = set()
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
            # Never less on the disk than there was: the kept lines replace the old ones in one step.
            files.write(self.results, "".join(result_json(result) + "\n" for result in self._kept))
            self._lines = self.results.open("a", encoding="utf-8")
        except (FileExistsError, NotADirectoryError):
            raise UsageError(f"Cannot write to '{self.out}': a file is in the way. Name a folder.") from None
        except OSError as error:
            raise UsageError(f"Cannot write to '{self.out}': {error.strerror or error}.") from error
        for result in self._kept:
            self._add_row(result, again=False)
        return self

    def add(self, result: Result) -> Row:
        """Write one result and its report, now."""
        assert self._lines is not None, "used outside its with block"  # noqa: S101
        self._lines.write(result_json(result) + "\n")
        self._lines.flush()
        return self._add_row(result, again=True)

    def _add_row(self, result: Result, again: bool) -> Row:
        """Its report is written ``again``, or where there is none."""
        report = self._report_name(result)
        if again or not (self.out / report).exists():
            files.write(self.out / report, html_report(result))
        self.rows.append(row(result, report))
        return self.rows[-1]

    def _report_name(self, result: Result) -> str:
        """Nobody's report is written over another's, whatever the files are called."""
        of = f"-{result.exercise}" if len(self.exercises) > 1 else ""
        copies = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
        names = (f"reports/{slug(result.submission.name)}{of}{copy}.html" for copy in copies)
        report = next(report for report in names if report not in self._reports)
        self._reports.add(report)
        return report

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._lines is not None:
            self._lines.close()
        self._write_pitfalls()
        files.write(self.index, class_page(", ".join(self.exercises), self.rows, self.arrival))
        files.write(self.out / "gradebook.csv", gradebook(self.rows, self.exercises))

    def _write_pitfalls(self) -> None:
        """The page of each pitfall that was found in the class."""
        pages = pitfall_pages(self.rows)
        beside = {pitfall: f"{pitfall}.html" for pitfall in pages}
        for pitfall, path in pages.items():
            page = reference_page(catalogue()[pitfall], beside, home="../index.html")
            files.write(self.out / path, page)
