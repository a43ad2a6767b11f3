"""The calls that grading a model solution makes, as plain numbers for a process that knows no grader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.exercise import Course, Exercise
from grader.planning import plan
from grader.records import Argument, PlainArgument, TensorArgument
from grader.submission import read_submission

BARE = Path(__file__).with_name("bare.py")


@dataclass(frozen=True)
class Subject:
    """An exercise and its model solution."""

    exercise: Exercise
    reference: Path

    @property
    def id(self) -> str:
        return self.exercise.id

    def calls(self, *devices: str) -> list[list[object]]:
        """``[device, x, y, lr, steps]`` of every run on these devices."""
        submission = read_submission(self.reference, self.exercise)
        requests = [request for request, _ in plan(submission, self.exercise, devices)]
        return [[request.device, *map(_plain, request.arguments)] for request in requests]


def subjects(course: Course, names: Sequence[str]) -> Iterator[Subject]:
    for name in names:
        yield Subject(course.exercise(name), course.reference(name))


def _plain(argument: Argument) -> object:
    if isinstance(argument, TensorArgument):
        return argument.values
    return argument.value if isinstance(argument, PlainArgument) else None


def bare_command(subject: Subject, folder: Path, *devices: str, times: int = 1) -> list[str]:
    """The command that makes the calls and prints the seconds that they took."""
    calls = folder / f"{subject.id}-{'-'.join(devices)}.json"
    calls.write_text(json.dumps(subject.calls(*devices)))
    return [sys.executable, str(BARE), str(calls), str(subject.reference), "--times", str(times)]


def ended(command: Sequence[str], **environment: str) -> tuple[float, str]:
    """The seconds that a command took, and what it printed. Ends the benchmark where the command failed."""
    started = time.perf_counter()
    done = subprocess.run(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout).decode(errors='replace')}")
    return seconds, done.stdout.decode()
