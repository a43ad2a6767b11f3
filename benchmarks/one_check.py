"""One check, over ``import torch`` and the bare fits."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from benchmarks.calls import Subject, bare_command, ended
from benchmarks.figures import CHECK, Figure


def one_check(subject: Subject, folder: Path, rounds: int) -> Figure:
    """Both commands in turn, after one round to warm up."""
    bare = bare_command(subject, folder, "cpu")
    check = [sys.executable, "-m", "grader", "check", str(subject.reference), "--exercise", subject.id]
    pairs = [(ended(bare)[0], ended(check)[0]) for _ in range(rounds + 1)][1:]
    ratio = statistics.median(graded / limit for limit, graded in pairs)
    limit, graded = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    return Figure(CHECK, subject.id, ratio, f"{graded:.2f} s over {limit:.2f} s")
