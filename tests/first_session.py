"""``python -m tests.first_session docs/first-session.md [ID…]``: a newcomer's session, from real commands.

The exercises are those named, else ``SHOWN``. Their answers are the reference solutions and are not printed.
What differs from machine to machine is left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.exercise import Course, Exercise, find_course
from grader.mutations import mutations
from grader.mutations.splice import with_functions
from tests.command import command, environment
from tests.grading import unmarked

COMMAND = "python -m tests.first_session docs/first-session.md"
WHOLE = "python -m tests.first_session docs/whole-lesson.md"
SHOWN = ("line",)
MISTAKES = ("one gradient not cleared", "gradients never cleared")
"""What is shown of the mistakes that are made out of a reference: the first of these that there is."""
_MACHINE = re.compile(r"^Ran on .*?Grader [\w.+-]+\.\n*", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Attempt:
    """A wrong program that a newcomer might write, and what it falls into."""

    source: str
    pitfall: str


class Session:
    """A shell in an empty folder, by someone who has typed no ``grader`` before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self._state = folder / "state"

    def typed(self, *words: str, status: int = 0, until: str | None = None) -> str:
        """A command and what it says, as a block of a page. It must end with ``status``; what comes from the
        line ``until`` on is left out."""
        ran = subprocess.run(
            command(*words),
            cwd=self.folder,
            env=environment(XDG_STATE_HOME=str(self._state), PYTHONIOENCODING="utf-8", NO_COLOR="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if ran.returncode != status:
            raise AssertionError(f"{words} ended with {ran.returncode}, not {status}:\n{ran.stdout}")
        lines = [line.rstrip() for line in _MACHINE.sub("", ran.stdout).splitlines()]
        if until in lines:
            lines = [*lines[: lines.index(until)], "[…]"]
        said = "\n".join(lines).strip("\n")
        return f"```console\n$ grader {' '.join(words)}\n{said}\n```"


def page(course: Course, ids: Sequence[str] = SHOWN) -> str:
    """The whole page."""
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder))
        blocks = [*_beginning(session, ids)]
        for exercise in course.exercises():
            if exercise.id in ids:
                blocks += _exercise(session, course, exercise)
        return "\n\n".join([*blocks, *_end()]) + "\n"


def _beginning(session: Session, ids: Sequence[str]) -> Iterator[str]:
    whole = tuple(ids) != SHOWN
    update = f"{WHOLE} {' '.join(ids)}" if whole else COMMAND
    yield f"<!-- Made from real commands. Do not edit it here; update it with: {update} -->"
    yield "# The whole lesson" if whole else "# A first session"
    yield "What there is to do, in the lesson's order:"
    yield session.typed("list")


def _exercise(session: Session, course: Course, exercise: Exercise) -> Iterator[str]:
    name, file = exercise.id, f"{exercise.id}.py"
    path = session.folder / file
    solution = course.reference(name).read_text("utf-8")
    yield f"## `{name}`"
    yield session.typed("start", name)
    yield "The file holds the task and the signature. Checked as it is, it says where to begin:"
    yield session.typed("check", file, status=1)
    if exercise.hints:
        yield "Somebody who does not know how to go on asks for a hint, and perhaps for another:"
        yield session.typed("hint", name)
        yield session.typed("hint", name)
    attempt = _attempt(exercise, solution)
    if attempt is not None:
        path.write_text(attempt.source, "utf-8")
        yield "A first attempt is written, and runs. The check names the line to mend and why:"
        yield session.typed("check", file, status=1)
        yield "What was found has a page of its own, with a wrong and a right program:"
        yield session.typed("explain", attempt.pitfall, until="Wrong")
    path.write_text(solution, "utf-8")
    yield "Mended:" if attempt is not None else "Written:"
    yield session.typed("check", file)


def _attempt(exercise: Exercise, solution: str) -> Attempt | None:
    """A mistake of the exercise's own, else one that is made out of the reference, if there is any."""
    for mistake in exercise.known_mistakes:
        return Attempt(unmarked(with_functions(solution, mistake.source)), mistake.pitfall)
    made = {mutation.name: mutation for mutation in mutations(solution, exercise)}
    for name in MISTAKES:
        if name in made:
            return Attempt(made[name].source, made[name].expected[0])
    return None


def _end() -> Iterator[str]:
    yield (
        "While you work, `grader watch FILE` checks at every save, and `grader check FILE --html report.html`"
        " writes a page with the whole file, the loss and all numbers. In a notebook:"
        ' `from grader import check`, then `check("line")`.'
    )


def main(arguments: Sequence[str]) -> None:
    out, *ids = arguments
    course = find_course()
    Path(out).write_text(page(course, ids or SHOWN), "utf-8")


if __name__ == "__main__":
    os.environ.pop("GRADER_DEBUG", None)
    main(sys.argv[1:])
