"""The same run, twice, with two results: randomness that no seed governs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.call_evidence import CallEvidence
from grader.evidence import FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import POOR_FIT
from grader.words import fitted

PITFALL = Pitfall(
    title="The same run gave two different results",
    section="tensors",
    rubric="coefficients",
    what=(
        "With the same data and the same seed the answer came out differently: something random in it is"
        " governed by no seed (the clock, the system's own randomness, `torch.seed()`)."
    ),
    why="A result that cannot be repeated cannot be checked, by you or by anybody else.",
    mend="Draw random numbers from torch, and let `torch.manual_seed` govern them.",
    explains=POOR_FIT,
    see_also="Tensors: creation (torch.manual_seed)",
    bad=(
        Example(
            """\
import time
import torch

def fit(x, y, lr, steps):
    torch.manual_seed(time.time_ns())
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        keep = torch.randint(len(x), (3,))  # <- unseeded-randomness
        loss = ((w * x[keep] + b - y[keep]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="small random batches, seeded by the clock",
        ),
        Example(
            """\
import random
import torch

def fit(x, y, lr, steps):
    dice = random.SystemRandom()
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        i = dice.randrange(len(x))
        loss = ((w * x[i] + b - y[i]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the system's own randomness; no call of torch's to point at",
        ),
    ),
    good=(
        Example(
            """\
import time
import torch

def fit(x, y, lr, steps):
    torch.manual_seed(time.time_ns())
    w = torch.randn(1, requires_grad=True)
    b = torch.randn(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="random initial values, which training forgets",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    order = torch.randperm(len(x))
    x, y = x[order], y[order]
    w = torch.randn(1, requires_grad=True)
    b = torch.randn(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="randomness of torch's, governed by the seed",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    generator = torch.Generator(device=x.device).manual_seed(11)
    w = torch.randn(1, generator=generator, requires_grad=True)
    b = torch.randn(1, generator=generator, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a generator of one's own",
        ),
    ),
)

APART = 1e-3
"""Two results of the same run that are further apart than this differ."""
_RANDOM = (
    "rand",
    "randn",
    "randint",
    "randperm",
    "normal_",
    "uniform_",
    "bernoulli",
    "multinomial",
    "rand_like",
    "randn_like",
    "randint_like",
    "normal",
    "dropout",
    "seed",
)


def compare(runs: Sequence[FitEvidence]) -> Iterator[Found]:
    for again in runs:
        first = next((run for run in runs if again.repeat and _same(run, again)), None)
        if first is None or first is again or not _apart(first.recovered, again.recovered):
            continue
        names = again.fit.names
        yield Found(
            message=(
                f"The run with seed {again.request.seed} was made twice, on the same data. It gave"
                f" {fitted(names, first.recovered)} and then {fitted(names, again.recovered)}."
            ),
            line=_line(first),
            evidence={"first": first.recovered, "second": again.recovered},
        )
        return


def _same(run: FitEvidence, again: FitEvidence) -> bool:
    return (
        not run.repeat
        and run.request.seed == again.request.seed
        and run.request.device == again.request.device
        and run.request.arguments == again.request.arguments
        and run.request.seed_shift == again.request.seed_shift
    )


def _apart(one: Sequence[float] | None, other: Sequence[float] | None) -> bool:
    if one is None or other is None:
        return False
    return any(abs(a - b) > APART for a, b in zip(one, other, strict=True))


def _line(run: FitEvidence) -> int | None:
    """The last random call of torch's that the loop repeats, else the first one."""
    random = [event for event in run.events if event.op.rsplit(".", 1)[-1] in _RANDOM]
    looped = [event for event in random if event.visit > 0]
    return run.line(next(iter(looped or random), None))


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    pair = next((pair for pair in run.broken_pairs if pair[2]), None)
    random = [event for event in run.events if event.op.rsplit(".", 1)[-1] in _RANDOM]
    if pair is None or not (random or run.entry.returns == ("noise",)):
        return
    yield Found(
        message=(
            f"`{run.asked(pair[0])}` was called twice, and answered differently: the seed that was given does"
            " not govern the numbers."
        ),
        line=run.line(next(iter(random), None)) or run.return_line(),
        evidence={"calls": [pair[0] + 1, pair[1] + 1]},
        fix="Call `torch.manual_seed(seed)` before you draw, or draw from a `torch.Generator` of that seed.",
    )
