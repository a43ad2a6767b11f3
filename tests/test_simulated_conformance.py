"""Torch's own operators on the simulated device: its samples, forward and backward, as on the CPU.

The first sample of every other operator is run; with GRADER_NIGHTLY=1 the first 25 of each are.
"""

from __future__ import annotations

import os

import pytest
import torch

from grader.child import simulated
from tests.conformance import Outcome, compare, operators
from tests.conformance_known import ROUNDED, UNSUPPORTED

NIGHTLY = os.environ.get("GRADER_NIGHTLY") == "1"
SAMPLES = 25 if NIGHTLY else 1
EVERY = 1 if NIGHTLY else 2
LEAST = 300 // EVERY


def passed(outcome: Outcome) -> bool:
    return outcome.samples > 0 and not outcome.difference


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")
def test_operators_do_on_the_device_what_they_do_on_the_cpu() -> None:
    # One test, so that one worker runs them, once.
    assert simulated.set_up(), simulated.reason()
    torch.set_num_threads(1)
    chosen = dict(sorted(operators().items())[::EVERY])
    outcomes = {name: compare(op, SAMPLES) for name, op in chosen.items()}

    failed = {name: outcome.difference for name, outcome in outcomes.items() if not passed(outcome)}
    known = UNSUPPORTED.keys() & chosen.keys()
    assert {name: failed.get(name) for name in failed.keys() ^ known} == {}

    rounded = {name for name, outcome in outcomes.items() if outcome.rounding}
    assert rounded == ROUNDED.keys() if NIGHTLY else rounded <= ROUNDED.keys()

    equal = [o for o in outcomes.values() if passed(o) and not o.rounding]
    assert len(equal) >= LEAST
    assert sum(o.backwards > 0 for o in equal) >= LEAST
