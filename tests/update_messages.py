"""``python -m tests.update_messages``: writes down every pitfall's message as it is now, in messages.json.

Read the difference before you commit it: these are the sentences that students read.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from grader.exercise import find_course
from grader.pitfall import Example, catalogue
from grader.records import Finding
from grader.sandbox import Sandbox
from tests.grading import IMPATIENT, Grading, unmarked

MESSAGES = Path(__file__).with_name("messages.json")
Words = dict[str, str]


def first_bad(pitfall: str) -> Example:
    """The example whose message is kept."""
    return catalogue()[pitfall].pitfall.bad[0]


def words(grading: Grading, pitfall: str) -> Words:
    """What a student is told of a pitfall's first bad example; empty where it is not found in it."""
    example = first_bad(pitfall)
    result = grading.result(
        unmarked(example.source),
        example.exercise,
        endless=pitfall == "time-limit",
        device=example.device,
    )
    found = next((finding for finding in result.findings if finding.pitfall == pitfall), None)
    return {} if found is None else _words(found)


def _words(found: Finding) -> Words:
    return {"message": found.message, "fix": found.fix}


def main() -> None:
    """Grade the first bad example of every pitfall, and write down what it is told."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox() as sandbox,
        Sandbox(IMPATIENT) as impatient,
    ):
        grading = Grading(find_course(), sandbox, impatient, Path(folder))
        kept = {pitfall: words(grading, pitfall) for pitfall in catalogue()}
    MESSAGES.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(f"{len(kept)} messages written to {MESSAGES}\n")


if __name__ == "__main__":
    main()
