"""What passes between the grader and a cluster's workers: these records as JSON text, and nothing else."""

from __future__ import annotations

from grader.records import Record, Submission


class Installation(Record):
    """What must be the same on both sides, so that a grade is the same wherever it is made."""

    grader: str
    source: str
    """A digest of the grader's own files: two checkouts may have the same version and be different."""
    torch: str
    python: str


class Terms(Record):
    """On what terms a worker may grade for one class."""

    run: str
    """Names this grading of the class on the cluster; tells nothing."""
    installation: Installation
    course: str | None
    """Where the exercises are; None for the course that came with the grader."""
    exercises: dict[str, str]
    """Of each exercise, a digest of all that it says."""
    seconds: float
    accept_weak: bool


class Standing(Record):
    """Whether a worker grades for a class, and with what."""

    refused: str = ""
    """Why not; empty where it does."""
    weak: bool = False
    """Refused because strangers' code cannot be held in there."""
    level: int = 0
    torch: str = ""
    threads: int = 1


class Job(Record):
    """One submission to grade. The class's secret stays at home: only the seeds drawn by it are told."""

    exercise: str
    submission: Submission
    seeds: tuple[int, ...]


class Reply(Record):
    """What came of a job: the result's JSON, or why there is none."""

    result: str = ""
    failure: str = ""
    level: int = 0
