"""What the tests share: one warm sandbox a worker, the course, and ways to grade a text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from grader.evidence import FitEvidence
from grader.exercise import Course, find_course
from grader.records import Result
from grader.sandbox import Sandbox
from tests.grading import IMPATIENT, Grading

settings.register_profile("nightly", max_examples=5000, deadline=None)
if os.environ.get("GRADER_NIGHTLY") == "1":
    settings.load_profile("nightly")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes are named by their number: an archive holds the time it was made at, and two workers that
    collect the tests must find the same names."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def impatient() -> Iterator[Sandbox]:
    sandbox = Sandbox(IMPATIENT)  # not entered: its process starts with its first run, if one comes
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def course() -> Course:
    return find_course()


@pytest.fixture(scope="session")
def grading(
    course: Course, sandbox: Sandbox, impatient: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Grading:
    """Grades a text once: what one worker has graded, no other grades again."""
    folder: Path = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= "graded"
    folder.mkdir(exist_ok=True)
    return Grading(course, sandbox, impatient, folder)


@pytest.fixture(scope="session")
def grade_source(grading: Grading) -> Callable[..., Result]:
    """``grade_source(text, exercise="line")``: the result."""
    return grading.result


@pytest.fixture(scope="session")
def evidence_of(grading: Grading) -> Callable[..., FitEvidence]:
    """``evidence_of(text, exercise="line")``: the evidence of the first run."""
    return grading.evidence
