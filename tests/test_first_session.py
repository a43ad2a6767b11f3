"""The page that shows a newcomer's session is what the commands say today."""

from __future__ import annotations

from grader.exercise import Course
from tests.command import ROOT
from tests.first_session import COMMAND, page
from tests.test_messages import numbers, skeleton

PAGE = ROOT / "docs" / "first-session.md"


def test_the_page_is_what_the_commands_say(course: Course) -> None:
    kept, made = PAGE.read_text("utf-8"), page(course)
    assert skeleton(kept) == skeleton(made), f"{COMMAND}, and read the difference"
    assert len(numbers(kept)) == len(numbers(made))
    said = [line for block in kept.split("```console\n")[1:] for line in block.split("```")[0].splitlines()]
    assert max(map(len, said)) <= 80
    assert "Ran on" not in kept and "\x1b" not in kept
