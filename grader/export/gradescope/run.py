"""Grades the one submission that Gradescope has put into ``/autograder/submission``.

It runs where the zip was unpacked; ``AUTOGRADER_ROOT`` says where that is, if not ``/autograder``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.adjustments import Adjustments, adjusted
from grader.errors import GraderError
from grader.exercise import find_course
from grader.export.formats.gradescope import document, failure, to_json
from grader.export.graded import Graded
from grader.records import Result
from grader.report import files
from grader.submission.choose import choose
from grader.submission.layout import HandedIn, Student
from grader.submission.members import list_folder
from grader.submission.read import is_notebook_name

SETTINGS = "autograder.json"
SECONDS = 540.0
"""Gradescope ends a run after ten minutes by default, and then the student sees nothing of it."""
_NOT_YOURS = "This says nothing about your code: submit again, and if it stays so tell your instructor."


@dataclass(frozen=True)
class Settings:
    """What whoever made the zip chose."""

    exercise: str
    accept_weak_isolation: bool = False


def main() -> None:
    """Write ``results/results.json``, whatever happens."""
    root = Path(os.environ.get("AUTOGRADER_ROOT", "/autograder"))
    try:
        settings = Settings(**json.loads((root / "source" / SETTINGS).read_text("utf-8")))
        content = graded(root / "submission", settings)
    except GraderError as error:
        content = failure(f"Not graded: {error} {_NOT_YOURS}")
    except Exception as error:  # noqa: BLE001 - the student is to be told something in any case
        said = f"the autograder failed ({type(error).__name__}: {error})"
        content = failure(f"Not graded: {said}. {_NOT_YOURS}")
    files.write(root / "results" / "results.json", to_json(content))


def graded(folder: Path, settings: Settings, seconds: float = SECONDS) -> dict[str, Any]:
    """What Gradescope is to show of the submission in ``folder``.

    Raises:
        GraderError: it could not be graded, for no fault of the student's.
    """
    student = Student("submission")
    found = [HandedIn(student, member, "/".join(member.parts)) for member in list_folder(folder).members]
    choice = choose(found, settings.exercise, find_course().exercise_ids(), alone=True)
    if choice.file is None:
        return failure(f"Nothing was graded. {choice.missing} Submit {settings.exercise}.py.")
    with tempfile.TemporaryDirectory() as aside:
        ending = ".ipynb" if is_notebook_name(choice.file.name) else ".py"
        copy = Path(aside, f"{settings.exercise}{ending}")
        copy.write_bytes(choice.file.member.read())
        result = _check(copy, settings, seconds)
    notes = (*choice.notes, *result.submission.notes)
    handed_in = result.submission.model_copy(update={"path": choice.file.name, "notes": notes})
    result = result.model_copy(update={"submission": handed_in})
    return document(Graded(result, adjusted(result, Adjustments())))


def _check(file: Path, settings: Settings, seconds: float) -> Result:
    """``grader check --ci --format json``, ended before Gradescope ends us."""
    command = [sys.executable, "-P", "-m", "grader", "check", str(file), "--exercise", settings.exercise]
    command += ["--ci", "--format", "json"]
    command += ["--accept-weak-isolation"] * settings.accept_weak_isolation
    with subprocess.Popen(
        command, cwd=file.parent, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            output, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            raise GraderError(f"Grading took longer than {seconds:g} seconds and was stopped.") from None
    try:
        return Result.model_validate_json(output)
    except ValidationError:
        said = complaint.decode("utf-8", "replace").strip().splitlines() or [f"status {process.returncode}"]
        raise GraderError(said[-1].removeprefix("grader: ")) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let it end what it has started, then end it."""
    process.terminate()
    try:
        process.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
