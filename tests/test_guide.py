"""The guide to an exercise of one's own holds when it is followed to the letter."""

from __future__ import annotations

import re
from pathlib import Path

from tests.guide import GUIDE, follow

LONG = "grader verify --exercises my-course"
"""Half a minute each time: the forty mistakes that are made out of the reference of a fit."""
TWICE = "grader check my-functions/reference/dot.py --exercises my-functions"
"""The verify that follows proves the same."""
LAST = "$ grader check curve.py --exercises my-course"


def test_every_step_of_the_guide_does_what_it_says(tmp_path: Path) -> None:
    done = dict(follow(tmp_path, skipped=(LONG, TWICE)))
    assert len(done) >= 8 and list(done)[-1] == LAST
    for line, ran in done.items():
        said = ran.stdout.decode()
        assert ran.stderr == b"", line
        assert ran.returncode == (line == LAST), f"{line}\n{said}"
        if " verify " in line:
            assert re.search(r"^All \d+ checks hold\.$", said, re.MULTILINE), said
        if " check my-" in line:
            assert "100 of 100 points. Passed" in said
    assert "y = p·x² + q·x with" in done["$ grader list --exercises my-course"].stdout.decode()
    assert "not-implemented" in done[LAST].stdout.decode()


def test_the_guide_names_what_there_is() -> None:
    text = GUIDE.read_text("utf-8")
    for name in ("known_mistakes", "script_truth", "make_cases", "rubric", "hints", "place", "section"):
        assert name in text
    assert all(len(line) <= 125 or line.startswith("|") for line in text.splitlines())
