"""How near the grader comes to the bare loops: ratios, each of two things timed in turn in one run.

python -m benchmarks [--rounds N] [--students N] [--large N] [--exercise ID]... [--markdown PAGE.md]
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.calls import Subject, subjects
from benchmarks.classes import JOBS, large_class, small_class
from benchmarks.figures import Figure, as_markdown, as_text, put_between
from benchmarks.one_check import one_check
from benchmarks.recording import recording
from grader.ahead import cores
from grader.exercise import find_course

FITS = ("line", "quadratic")


def main() -> None:
    """Measure, print the table, and put it into a page where that was asked for."""
    options = _options()
    page: Path | None = options.markdown
    if page is not None:
        put_between(page.read_text(), "")  # a page without the marks is told before it is measured for
    names = options.exercise or FITS
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for subject in subjects(find_course(), names):
            for figure in _figures(subject, Path(folder), options):
                print(f"{subject.id}: {figure.mark.title}: {figure.measured:.3g}", file=sys.stderr)
                figures.append(figure)
    print(as_text(figures))
    if page is not None:
        page.write_text(put_between(page.read_text(), as_markdown(figures, _machine(options))))


def _figures(subject: Subject, folder: Path, options: argparse.Namespace) -> Iterator[Figure]:
    yield one_check(subject, folder, options.rounds)
    yield recording(subject, 2 * options.rounds + 1)
    small, found = small_class(subject, folder, options.students)
    yield from found
    if options.large and subject.id == (options.exercise or FITS)[0]:
        yield from large_class(subject, folder, options.large, small)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--rounds", type=int, default=5, metavar="N", help="pairs of short commands; 5 else")
    add("--students", type=int, default=200, metavar="N", help="of the small class; 200 else")
    add(
        "--large", type=int, default=2000, metavar="N", help="students of the large class; 2000 else, 0: none"
    )
    add("--exercise", action="append", choices=FITS, metavar="ID", help="line or quadratic; both else")
    add("--markdown", type=Path, metavar="PAGE.md", help="put the table between the marks of this page, too")
    return parser.parse_args()


def _machine(options: argparse.Namespace) -> str:
    return (
        f"Measured on {cores()} cores ({platform.machine()}, Linux {platform.release()}), Python"
        f" {platform.python_version()}, torch {version('torch')}; {options.students} and {options.large}"
        f" students, {JOBS} jobs, {options.rounds} rounds."
    )


if __name__ == "__main__":
    main()
