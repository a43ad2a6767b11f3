"""What is suggested for the bad examples of the catalogue.

``python -m tests.suggested`` proves every suggestion again and writes them down, in suggestions.json. Read
the difference before you commit it: these are the changes that students are shown.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.exercise import Course, Exercise, find_course
from grader.pipeline import grade
from grader.pitfall import Example, catalogue
from grader.policy import Policy
from grader.records import Result, Suggestion
from grader.sandbox import Sandbox
from grader.suggestion import with_suggestions
from tests.grading import IMPATIENT, submission_of, unmarked

SUGGESTIONS = Path(__file__).with_name("suggestions.json")


def examples() -> Iterator[tuple[str, Example]]:
    """The bad examples that cost something, each with its name."""
    for entry in catalogue().values():
        for number, example in enumerate(entry.pitfall.bad, 1):
            if entry.pitfall.severity == "error":
                yield f"{entry.id} {number}", example


def open_to_all(course: Course, name: str) -> Exercise:
    """An exercise of which suggestions are always shown."""
    return replace(course.exercise(name), policy=Policy(suggest="always"))


def suggested(course: Course, sandbox: Sandbox, example: Example) -> Suggestion | None:
    """The proved suggestion for a bad example."""
    exercise = open_to_all(course, example.exercise)
    submission = submission_of(unmarked(example.source), exercise)

    def graded(text: object) -> Result:
        return grade(text, exercise, sandbox, devices=(example.device,))  # type: ignore[arg-type]

    result = with_suggestions(graded(submission), submission, exercise, graded, datetime.now(UTC))
    return next(finding.suggestion for finding in result.findings)


def main() -> None:
    """Prove and write down all of them."""
    course = find_course()
    with Sandbox(IMPATIENT) as sandbox:
        found = {name: suggested(course, sandbox, example) for name, example in examples()}
    kept = {name: suggestion.diff if suggestion else None for name, suggestion in found.items()}
    SUGGESTIONS.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(f"{sum(diff is not None for diff in kept.values())} of {len(kept)} are mended\n")


if __name__ == "__main__":
    main()
