"""The sentences that students read, word for word; numbers may differ in their last digits.

After a change that was meant: ``python -m tests.update_messages``, and read the difference.
"""

from __future__ import annotations

import json
import math
import re

import pytest

from grader.pitfall import catalogue
from tests.grading import Grading
from tests.update_messages import MESSAGES, Words, words

NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)")
UNREPEATABLE = {"unseeded-randomness", "diverged", "output-limit", "memory-limit"}
"""What the clock rolled, or rounding magnified for many steps: only the words are compared."""

KEPT: dict[str, Words] = json.loads(MESSAGES.read_text("utf-8")) if MESSAGES.exists() else {}


def skeleton(text: str) -> str:
    """A text with its numbers left out."""
    return NUMBER.sub("#", text)


def numbers(text: str) -> list[float]:
    """The numbers of a text, in order."""
    return [float(found.replace("−", "-")) for found in NUMBER.findall(text)]


def close(one: float, other: float) -> bool:
    """Whether two numbers are the same but for what another version of torch rounds otherwise."""
    return math.isclose(one, other, rel_tol=0.01, abs_tol=0.002)


@pytest.mark.parametrize("pitfall", list(catalogue()))
def test_a_message_is_as_it_was_written_down(grading: Grading, pitfall: str) -> None:
    assert pitfall in KEPT, "new: run python -m tests.update_messages"
    now, kept = words(grading, pitfall), KEPT[pitfall]
    assert now.keys() == kept.keys()
    for part, text in now.items():
        assert skeleton(text) == skeleton(kept[part])
        if pitfall not in UNREPEATABLE:
            pairs = zip(numbers(text), numbers(kept[part]), strict=True)
            assert all(close(one, other) for one, other in pairs), f"{text}\n{kept[part]}"


def test_no_message_is_kept_of_a_pitfall_that_is_gone() -> None:
    assert set(KEPT) <= set(catalogue())


@pytest.mark.parametrize("pitfall", sorted(KEPT))
def test_a_message_is_whole_sentences(pitfall: str) -> None:
    for text in KEPT[pitfall].values():
        assert text == text.strip() and text.endswith((".", "?", "!", "`", ")", '"')), text
        assert not re.search(r"  |\bNone, None\b|TensorView|SlotState|\{\w+\}", text), text
        assert len(text) < 600, text
        assert text.count("`") % 2 == 0, text


def test_numbers_are_compared_as_numbers_and_words_as_words() -> None:
    assert skeleton("At step 2 `w.grad` was -10.31 of 1e+05.") == "At step # `w.grad` was # of #."
    assert numbers("p[0] is -1.5 and x2 is 3") == [0.0, -1.5, 3.0]
    assert close(-10.31, -10.30) and not close(2.0, 3.0)
