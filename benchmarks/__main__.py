"""How near the grader comes to the bare loops: ratios, each of two commands timed in turn in one run.

python -m benchmarks [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.exercise import Course, find_course
from grader.records import Argument, PlainArgument, TensorArgument

MUST = 2.0
"""What one check may cost at most, over ``import torch`` and the bare calls."""


FITS = ("line", "quadratic")


def main() -> None:
    """Print one row an exercise."""
    rounds = _rounds()
    course = find_course()
    print(f"one check, over import torch + the bare calls (medians of {rounds} rounds, in turn)\n")
    print(
        f"{'exercise':<12}{'bare s':>9}{'check s':>9}{'ratio':>8}{'least':>8}{'most':>8}   must be ≤ {MUST}"
    )
    for exercise_id in FITS:
        pairs = _measure(course, exercise_id, rounds)
        ratios = [check / bare for bare, check in pairs]
        bare, check = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(
            f"{exercise_id:<12}{bare:9.2f}{check:9.2f}{statistics.median(ratios):8.2f}"
            f"{min(ratios):8.2f}{max(ratios):8.2f}"
        )


def _rounds() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    return rounds


def _measure(course: Course, exercise_id: str, rounds: int) -> list[tuple[float, float]]:
    """Seconds of the bare process and of the check, round by round, after one round to warm up."""
    reference = str(course.reference(exercise_id))
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls.json"
        calls.write_text(json.dumps(_calls(course, exercise_id)))
        bare = [sys.executable, str(Path(__file__).with_name("bare.py")), str(calls), reference]
        check = [sys.executable, "-m", "grader", "check", reference, "--exercise", exercise_id]
        return [(_seconds(bare), _seconds(check)) for _ in range(rounds + 1)][1:]


def _calls(course: Course, exercise_id: str) -> list[list[object]]:
    """The arguments of the very calls that a check makes."""
    calls: list[list[object]] = []
    for case in course.exercise(exercise_id).cases():
        calls.append([_plain(argument) for argument in case.arguments])
    return calls


def _plain(argument: Argument) -> object:
    if isinstance(argument, TensorArgument):
        return argument.values
    return argument.value if isinstance(argument, PlainArgument) else None


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode(errors='replace')}")
    return time.perf_counter() - started


main()
