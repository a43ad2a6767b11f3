"""The gate of an exercises repository: every exercise is proved both ways."""

from __future__ import annotations

import queue
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.errors import CourseError
from grader.exercise import Course, Exercise
from grader.mutations import mutations
from grader.mutations.splice import with_functions
from grader.pipeline import grade
from grader.pitfall import catalogue
from grader.records import Finding, Limits, Result
from grader.sandbox import Sandbox
from grader.submission import read_submission
from grader.words import place

JOBS = 2
IMPATIENT = Limits(seconds=10.0)
"""The programs are the course's own and short: what takes longer never ends."""

Kind = Literal[
    "files", "reference", "template", "known mistake", "derived mistake", "bad example", "good example"
]


@dataclass(frozen=True)
class Check:
    """One thing that was to be proved, and what came out."""

    exercise: str
    kind: Kind
    name: str
    passed: bool
    expected: str
    found: str
    seconds: float = 0.0
    wanted: tuple[str, ...] = ()
    """The pitfalls that a mistake may be caught as."""
    named: tuple[str, ...] = ()
    """The pitfalls that were found, errors first."""
    confirmed: bool | None = None
    """Whether neutralising the mistakes cured the program; None where that could not be tried."""


@dataclass(frozen=True)
class Expectation:
    """What a program must be found to be. ``holds`` is asked of its result."""

    words: str
    holds: Callable[[Result], bool]
    pitfalls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """One program to grade and what must come of it."""

    exercise: Exercise
    kind: Kind
    name: str
    source: str
    expectation: Expectation
    devices: tuple[str, ...] = ()
    """None for every device that a submission is graded on."""


Told = Callable[[Check], None]


def verify_course(course: Course, told: Told = lambda _: None) -> list[Check]:
    """Prove every exercise of ``course``; ``told`` hears of each check when it is done.

    Raises:
        CourseError: the file of an exercise cannot be used.
        SandboxError: the grader could not run anything.
    """
    exercises = [course.exercise(name) for name in course.exercise_ids()]
    checks = list(_file_checks(course))
    for check in checks:
        told(check)
    programs = [program for exercise in exercises for program in _programs(course, exercise)]
    return checks + _prove(programs, told)


def _file_checks(course: Course) -> Iterator[Check]:
    """Nothing is missing from the two folders beside the exercises, and nothing is left over."""
    known = set(course.exercise_ids())
    for folder in ("reference", "student_template"):
        there = {path.name for path in (course.root / folder).glob("*") if _counts(path)}
        wanted = {f"{name}.py" for name in known}
        wrong = [f"{name} is missing" for name in sorted(wanted - there)]
        wrong += [f"{name} belongs to no exercise" for name in sorted(there - wanted)]
        yield Check(
            exercise="course",
            kind="files",
            name=f"{folder}/",
            passed=not wrong,
            expected=f"one file an exercise in {folder}/, and nothing else",
            found="; ".join(wrong) or "exactly that",
        )


def _counts(path: Path) -> bool:
    return not path.name.startswith((".", "__pycache__"))


def _programs(course: Course, exercise: Exercise) -> Iterator[Program]:
    reference, template = course.reference(exercise.id), course.template(exercise.id)
    if reference.is_file():
        source = reference.read_text("utf-8")
        yield Program(exercise, "reference", reference.name, source, _FULL)
        yield from _derived(exercise, reference.name, source)
    if template.is_file():
        yield Program(exercise, "template", template.name, template.read_text("utf-8"), _EMPTY)
    if reference.is_file():
        yield from _known(exercise, reference.read_text("utf-8"))
    yield from _examples(exercise)


def _known(exercise: Exercise, reference: str) -> Iterator[Program]:
    """The exercise's own mistakes, each in the reference.

    Raises:
        CourseError: a mistake, or the reference, is no Python.
    """
    for mistake in exercise.known_mistakes:
        try:
            source = with_functions(reference, mistake.source)
        except SyntaxError as error:
            raise CourseError(f"The known mistake '{mistake.name}' is no Python: {error}") from error
        expected = caught(mistake.pitfall, marked_line(source, mistake.pitfall))
        yield Program(exercise, "known mistake", mistake.name, source, expected)


def _derived(exercise: Exercise, name: str, source: str) -> Iterator[Program]:
    """The mistakes made out of a reference.

    Raises:
        CourseError: the reference is no Python.
    """
    try:
        for mistake in mutations(source, exercise):
            expected = caught(mistake.expected, mistake.line)
            yield Program(exercise, "derived mistake", mistake.name, mistake.source, expected)
    except SyntaxError as error:
        raise CourseError(f"reference/{name} is no Python: {error}") from error


def _examples(exercise: Exercise) -> Iterator[Program]:
    for entry in catalogue().values():
        for number, bad in enumerate(entry.pitfall.bad, 1):
            if bad.exercise == exercise.id:
                expected = caught(entry.id, marked_line(bad.source, entry.id))
                name = f"{entry.id}, bad {number}"
                yield Program(exercise, "bad example", name, bad.source, expected, (bad.device,))
        for number, good in enumerate(entry.pitfall.good, 1):
            if good.exercise == exercise.id:
                name = f"{entry.id}, good {number}"
                yield Program(exercise, "good example", name, good.source, _CLEAN, (good.device,))


def marked_line(source: str, pitfall: str) -> int | None:
    """The line that ends in ``# <- <pitfall>``; None where none is marked."""
    marker = re.compile(rf"#\s*<-\s*{re.escape(pitfall)}\s*$")
    lines = source.split("\n")
    return next((n for n, line in enumerate(lines, 1) if marker.search(line)), None)


def caught(pitfalls: str | tuple[str, ...], line: int | None) -> Expectation:
    """One of these pitfalls, at this line where one is known, and no other error beside it."""
    wanted = (pitfalls,) if isinstance(pitfalls, str) else pitfalls

    def holds(result: Result) -> bool:
        own = [f for f in result.findings if f.pitfall in wanted]
        others = [f for f in errors(result) if f.pitfall not in wanted]
        at_line = all(line is None or f.line == line for f in own)
        cured = all(f.confirmed is not False for f in own)
        return len({f.pitfall for f in own}) == 1 and at_line and cured and not others

    at = f" at {place(line)}" if line is not None else ""
    return Expectation(f"{' or '.join(wanted)}{at}, no other error, and the cure works", holds, wanted)


def _is_unsolved(result: Result) -> bool:
    first = result.findings[0].pitfall if result.findings else None
    return result.status == "failed" and result.score == 0 and first == "not-implemented"


def errors(result: Result) -> tuple[Finding, ...]:
    """The findings that are errors."""
    return tuple(finding for finding in result.findings if finding.severity == "error")


_FULL = Expectation(
    "the full score and no error",
    lambda r: r.status == "passed" and r.score == r.max_score and not errors(r),
)
_EMPTY = Expectation("not-implemented first, and no points", _is_unsolved)
_CLEAN = Expectation("no error", lambda r: r.status != "ungraded" and not errors(r))


def _prove(programs: Sequence[Program], told: Told) -> list[Check]:
    """Grade them all, in their order, over a few threads with a sandbox each."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(programs)):
        waiting.put(index)
    checks: dict[int, Check] = {}

    def work() -> None:
        with Sandbox(IMPATIENT) as sandbox:
            while not waiting.empty():
                try:
                    index = waiting.get_nowait()
                except queue.Empty:
                    return
                checks[index] = _check(programs[index], sandbox)
                told(checks[index])

    workers = min(JOBS, len(programs))
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        for future in [pool.submit(work) for _ in range(workers)]:
            future.result()
    return [checks[index] for index in range(len(programs))]


def _check(program: Program, sandbox: Sandbox) -> Check:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{program.exercise.id}.py"
        path.write_text(program.source, "utf-8", newline="")
        submission = read_submission(path, program.exercise, program.name)
    result = grade(submission, program.exercise, sandbox, devices=program.devices)
    return Check(
        exercise=program.exercise.id,
        kind=program.kind,
        name=program.name,
        passed=program.expectation.holds(result),
        expected=program.expectation.words,
        found=in_short(result),
        seconds=time.monotonic() - started,
        wanted=program.expectation.pitfalls,
        named=tuple(finding.pitfall for finding in result.findings),
        confirmed=_confirmed(result),
    )


def _confirmed(result: Result) -> bool | None:
    """Whether every error that could be neutralised was confirmed; None where there is none."""
    tried = [finding.confirmed for finding in errors(result) if finding.confirmed is not None]
    return all(tried) if tried else None


def in_short(result: Result) -> str:
    """A result on one line: its status, its score and where what was found."""
    found = [
        f"{f.severity} {f.pitfall}"
        + (f" at {place(f.line)}" if f.line is not None else "")
        + (", which its cure does not confirm" if f.confirmed is False else "")
        for f in result.findings
    ]
    return f"{result.status}, {result.score:g} of {result.max_score:g}: " + (
        "; ".join(found) or "nothing found"
    )
