"""Grades source texts for the tests: each text once in a whole test run, whichever worker asks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from grader.curve import CurveFit
from grader.evidence import Evidence, FitEvidence
from grader.exercise import Course, Exercise
from grader.findings import judge
from grader.pipeline import grade
from grader.pitfall import Example
from grader.planning import plan
from grader.records import Finding, Limits, Place, Result, Submission
from grader.running import run_once, same_question
from grader.sandbox import Sandbox
from grader.submission import form_of

IMPATIENT = Limits(seconds=3.0)
"""For programs that never end: the tests need not wait as long as a student's machine may need."""

MARK = re.compile(r"[ \t]*#\s*<-\s*[a-z-]+\s*$", re.MULTILINE)
Watch = Literal["full", "adaptive", "off"]


def curve_fit(course: Course, name: str) -> CurveFit:
    """An exercise that is a curve to fit."""
    exercise = course.exercise(name)
    assert isinstance(exercise, CurveFit)
    return exercise


FITS = ("line", "quadratic")


def submission_of(source: str, exercise: Exercise) -> Submission:
    """A source text as though it had been read from a file."""
    return Submission(
        name=exercise.id,
        path=f"{exercise.id}.py",
        sha256=hashlib.sha256(source.encode("utf-8", "replace")).hexdigest(),
        form=form_of(source, exercise),
        source=source,
    )


def unmarked(source: str) -> str:
    """An example's text without its mark: nothing that is graded says what is wrong with it."""
    return MARK.sub("", source)


def places(findings: Sequence[Finding]) -> list[tuple[str, Place | None]]:
    """What was found and where, without the words."""
    return [(finding.pitfall, finding.line) for finding in findings]


def errors(result: Result) -> list[Finding]:
    """The findings that are errors."""
    return [finding for finding in result.findings if finding.severity == "error"]


class Grading:
    """Grades with a session's sandboxes, and remembers results in a folder that the workers share."""

    def __init__(self, course: Course, sandbox: Sandbox, impatient: Sandbox, folder: Path) -> None:
        self.course = course
        self._sandbox = sandbox
        self._impatient = impatient
        self._folder = folder

    def result(
        self, source: str, exercise: str = "line", *, endless: bool = False, device: str = "cpu"
    ) -> Result:
        """The verdict on a text, on one device. An ``endless`` one is stopped soon."""
        key = hashlib.sha256(f"{exercise}\n{endless}\n{device}\n{source}".encode()).hexdigest()
        kept = self._folder / f"{key}.json"
        if kept.exists():
            return Result.model_validate_json(kept.read_text("utf-8"))
        found = self._grade(source, self.course.exercise(exercise), endless, device)
        part = kept.with_suffix(f".{id(self)}.part")
        part.write_text(found.model_dump_json(), "utf-8")
        part.replace(kept)
        return found

    def _grade(self, source: str, exercise: Exercise, endless: bool, device: str) -> Result:
        sandbox = self._impatient if endless else self._sandbox
        return grade(submission_of(source, exercise), exercise, sandbox, devices=(device,))

    def runs(
        self, source: str, exercise: str = "line", watch: Watch = "adaptive", device: str = "cpu"
    ) -> list[Evidence]:
        """The runs that the pipeline would make on a device, all watched in one way."""
        asked = self.course.exercise(exercise)
        runs: list[Evidence] = []
        for request, case in plan(submission_of(source, asked), asked, (device,)):
            watched = request.model_copy(update={"watch": watch})
            run = run_once(self._sandbox, asked, watched, case)
            runs.append(replace(run, repeat=any(same_question(run, earlier) for earlier in runs)))
            if not run.is_answered:
                break
        return runs

    def findings(self, example: Example, watch: Watch) -> tuple[Finding, ...]:
        """What is found in an example when every run is watched in one way."""
        return judge(self.runs(unmarked(example.source), example.exercise, watch, example.device))

    def evidence(self, source: str, exercise: str = "line", watch: Watch = "adaptive") -> FitEvidence:
        """The first run of a text."""
        asked = self.course.exercise(exercise)
        request, case = next(iter(plan(submission_of(source, asked), asked, ("cpu",))))
        run = run_once(self._sandbox, asked, request.model_copy(update={"watch": watch}), case)
        assert isinstance(run, FitEvidence)
        return run
