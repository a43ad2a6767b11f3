"""Classes: how long they take over the bare fits, over pytest, again, and when they are large."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.calls import Subject, bare_command, ended
from benchmarks.figures import AGAIN, BATCH, LARGE, MEMORY, PYTEST, Figure
from benchmarks.tested import tested

JOBS = 2
DEVICES = ("cpu", "sim")
MOST_BARE, MOST_PYTEST = 40, 24
"""Submissions that the two limits are measured on, which take the same time for each."""
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Batch:
    """One run of the command."""

    students: int
    seconds: float
    peak_bytes: int

    @property
    def each(self) -> float:
        return self.seconds / self.students


def make_class(subject: Subject, folder: Path, students: int) -> Path:
    """Model solutions, each of another text, so that none is graded as another one's copy."""
    submissions = folder / f"{subject.id}-{students}"
    submissions.mkdir()
    source = subject.reference.read_text()
    for number in range(students):
        (submissions / f"student{number:05}.py").write_text(f"{source}\n# {number}\n")
    return submissions


def small_class(subject: Subject, folder: Path, students: int) -> tuple[Batch, list[Figure]]:
    """The batch itself, and its figures."""
    submissions, out = make_class(subject, folder, students), folder / f"{subject.id}-{students}-out"
    before = _bare(subject, folder, students)
    first = graded(subject, submissions, out, students)
    after = _bare(subject, folder, students)
    again = graded(subject, submissions, out, students)
    bare = (before + after) / 2
    plain = tested(subject, sorted(submissions.iterdir())[:MOST_PYTEST], folder, JOBS)
    return first, [
        Figure(BATCH, subject.id, first.each / (bare / JOBS), _milliseconds(first.each, bare / JOBS)),
        Figure(PYTEST, subject.id, plain / first.each, f"{1 / first.each:.1f}/s over {1 / plain:.2f}/s"),
        Figure(AGAIN, subject.id, again.seconds / first.seconds,
               f"{again.seconds:.1f} s over {first.seconds:.1f} s"),
    ]  # fmt: skip


def large_class(subject: Subject, folder: Path, students: int, small: Batch) -> Iterator[Figure]:
    """A class of many students against ``small``."""
    submissions = make_class(subject, folder, students)
    large = graded(subject, submissions, folder / f"{subject.id}-{students}-out", students)
    yield Figure(LARGE, subject.id, large.each / small.each, _milliseconds(large.each, small.each))
    peaks = f"{large.peak_bytes / 1e6:.0f} MB over {small.peak_bytes / 1e6:.0f} MB"
    yield Figure(MEMORY, subject.id, large.peak_bytes / small.peak_bytes, peaks)


def graded(subject: Subject, submissions: Path, out: Path, students: int) -> Batch:
    """The command on a class, from its start to its end."""
    command = [sys.executable, "-m", "grader", "batch", str(submissions), "--exercise", subject.id]
    command += ["--out", str(out), "--jobs", str(JOBS), "--accept-weak-isolation"]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _peak_bytes(process.pid))
            time.sleep(_LOOK_SECONDS)
    seconds = time.perf_counter() - started
    results = (out / "results.jsonl").read_text().count("\n")
    if process.returncode or results != students:
        sys.exit(f"{' '.join(command)}: status {process.returncode}, {results} of {students} results")
    return Batch(students, seconds, peak)


def _peak_bytes(process: int) -> int:
    """0 where the system does not tell, or the process has just ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((1024 * int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM")), 0)


def _bare(subject: Subject, folder: Path, students: int) -> float:
    """Seconds a submission of the fits alone, in one warm process."""
    times = min(MOST_BARE, students)
    return float(ended(bare_command(subject, folder, *DEVICES, times=times))[1]) / times


def _milliseconds(measured: float, limit: float) -> str:
    return f"{1000 * measured:.0f} ms over {1000 * limit:.0f} ms"
