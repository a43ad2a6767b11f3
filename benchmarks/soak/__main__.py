"""``python -m benchmarks.soak [--students N] [--minutes M] [--folder FOLDER]``: grade a long class, and check
that every student has a result and that nothing is left behind.

With ``--folder`` the class and its results stay, and the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.soak.checks import Check, checks, figures
from benchmarks.soak.students import write_class
from benchmarks.soak.watching import Watched, watch
from grader.exercise import find_course


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 0 where all of it holds."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="soak-") as own:
        return soak(options, (options.folder or Path(own)).resolve())


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.soak")
    parser.add_argument("--students", type=int, default=5000)
    parser.add_argument("--exercise", default="quadratic")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long one run may take")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--minutes", type=float, help="stop after so long; --folder lets it go on")
    parser.add_argument("--folder", type=Path, help="keep the class and its results here, and go on there")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def soak(options: argparse.Namespace, folder: Path) -> int:
    """Grade the class in ``folder`` and print what came of it."""
    course = find_course()
    exercise = course.exercise(options.exercise)
    write_class(folder / "class", course, exercise, options.students, options.seed)
    watched = _run(options, folder)
    students = [path.stem for path in (folder / "class").iterdir()]
    found = checks(watched, folder / "out", students, _stray(folder))
    _print(watched, found)
    return 0 if all(check.holds for check in found) else 1


def _run(options: argparse.Namespace, folder: Path) -> Watched:
    """The real command, with folders of its own for all that it might leave behind."""
    for name in ("tmp", "home", "here"):
        (folder / name).mkdir(exist_ok=True)
    command = [sys.executable, "-m", "grader", "batch", str(folder / "class"), "--out", str(folder / "out")]
    command += [
        "--exercise",
        options.exercise,
        "--seconds",
        str(options.seconds),
        "--jobs",
        str(options.jobs),
    ]
    command += ["--accept-weak-isolation"]
    path = os.pathsep.join(filter(None, (str(find_course().root), os.environ.get("PYTHONPATH", ""))))
    own = {"TMPDIR": str(folder / "tmp"), "HOME": str(folder / "home"), "PYTHONPATH": path}
    counter = _Lines(folder / "out" / "results.jsonl")
    minutes = options.minutes
    seconds = None if minutes is None else 60 * minutes
    return watch(command, folder / "here", {**os.environ, **own}, counter.count, seconds)


class _Lines:
    """Counts the lines of a file that grows, reading each once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._lines = 0

    def count(self) -> int:
        """How many there are now; where the file was begun anew, from its beginning."""
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._read:
                    self._read = self._lines = 0
                file.seek(self._read)
                while data := file.read(1024 * 1024):
                    self._read += len(data)
                    self._lines += data.count(b"\n")
        except FileNotFoundError:
            pass
        return self._lines


def _stray(folder: Path) -> Iterator[Path]:
    """Every file that is neither the class nor its results."""
    for name in ("tmp", "home", "here"):
        yield from (folder / name).rglob("*")


def _print(watched: Watched, found: list[Check]) -> None:
    for name, value in figures(watched):
        print(f"{name:<40}{value}")
    for check in found:
        print(f"{check.name:<40}{check.seen:<40}{'holds' if check.holds else 'DOES NOT HOLD'}")
    if watched.stopped:
        print("stopped, for its time was up: the same command with the same --folder goes on")
    if watched.status not in (0, 130):
        print(watched.errors)


if __name__ == "__main__":
    sys.exit(main())
