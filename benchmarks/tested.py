"""What a plain grader would be: for every submission a pytest process that asserts the coefficients."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.calls import Subject, ended
from grader.curve import FitCase

TEST = """\
import json
import runpy
from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)
FIT = runpy.run_path({submission!r})["fit"]
CASES = json.loads(Path({cases!r}).read_text())


@pytest.mark.parametrize(("x", "y", "lr", "steps", "expected", "tolerance"), CASES)
def test_the_coefficients(x, y, lr, steps, expected, tolerance):
    torch.manual_seed(0)
    found = FIT(torch.tensor(x), torch.tensor(y), lr, steps)
    assert [parameter.item() for parameter in found] == pytest.approx(expected, abs=tolerance)
"""


def tested(subject: Subject, submissions: Sequence[Path], folder: Path, jobs: int) -> float:
    """Seconds a submission. What else is installed for pytest is left out: none of it is needed."""
    tests = folder / f"{subject.id}-tests"
    tests.mkdir()
    cases = tests / "cases.json"
    cases.write_text(json.dumps(_cases(subject)))
    commands = []
    for file in submissions:
        test = tests / f"test_{file.stem}.py"
        test.write_text(TEST.format(submission=str(file), cases=str(cases)))
        commands.append([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)])
    started = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda command: ended(command, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"), commands))
    return (time.perf_counter() - started) / len(commands)


def _cases(subject: Subject) -> list[list[object]]:
    known = [case for case in subject.exercise.cases() if isinstance(case, FitCase)]
    return [[case.data.x, case.data.y, case.lr, case.steps, case.expected, case.tolerance] for case in known]
