"""The parameters ran away."""

from __future__ import annotations

import math
from collections.abc import Iterator

from grader.evidence import Evidence, FitEvidence
from grader.motion import gradient_factor, stable_rate, steady_rate
from grader.neutralising import at, moving, other_pace
from grader.pitfall import Example, Found, Pitfall
from grader.records import Intervention
from grader.words import fitted, number

PITFALL = Pitfall(
    title="Training diverged",
    section="training",
    rubric="coefficients",
    what="The loss grew instead of shrinking, until the parameters were huge, infinite or NaN.",
    why=(
        "A step longer than 2 / curvature overshoots the minimum by more than it was away from it, so the"
        " next gradient is larger, and the next step, too."
    ),
    mend="Use the learning rate that is given, `lr`, or a smaller one.",
    explains=("inaccurate-result", "undertrained"),
    see_also="Your task (if the loss blows up)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 1.5 * w.grad  # <- diverged
            b -= 1.5 * b.grad
        w.grad = b.grad = None
    return w, b
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(3, requires_grad=True)
    rate = 10 * lr
    for step in range(steps):
        loss = ((p[0] * x ** 2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= rate * p.grad  # <- diverged
        p.grad = None
    return p
""",
            exercise="quadratic",
            note="to infinity and NaN",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.full((1,), 500.0, requires_grad=True)
    b = torch.full((1,), -500.0, requires_grad=True)
    for step in range(3 * steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="huge at first, and then arriving",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad.clamp(-1, 1)
                p.grad = None
    return w, b
""",
            note="clipped gradients",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(2 * steps):
        rate = 0.95 if step < 3 else lr
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="oscillating at first",
        ),
    ),
)

LARGE = 1.5
"""A gradient so many times as long as the mean squared error's makes steps too long by as much."""
GROWN = 10.0
"""A loss that ends so many times higher than it began has grown."""


def find(run: FitEvidence) -> Iterator[Found]:
    if not run.returned_normally or run.recovered is None or run.is_right or not run.losses:
        return
    if not _ran_away(run):
        return
    used, limit = steady_rate(run), stable_rate(run)
    cause, fix = _cause(run, used, limit)
    yield Found(
        message=(f"{_grew(run)} The parameters ended at {fitted(run.fit.names, run.recovered)}.{cause}"),
        line=_line(run),
        step=_first_bad(run),
        evidence={
            "loss_first": run.losses[0][1],
            "loss_last": run.losses[-1][1],
            "rate_used": used,
            "rate_asked": run.fit.lr,
            "largest_stable_rate": limit,
            "gradient_over_that_of_the_mean_squared_error": gradient_factor(run),
        },
        fix=fix,
    )


def _ran_away(run: FitEvidence) -> bool:
    if not all(math.isfinite(value) for value in run.recovered or ()):
        return True
    first, last = run.losses[0][1], run.losses[-1][1]
    return last > GROWN * max(first, 1e-3) and last > 1.0


def _grew(run: FitEvidence) -> str:
    start = run.losses[0][1]
    bad = next((pair for pair in run.losses if not math.isfinite(pair[1])), None)
    if bad is not None:
        return f"The loss was {number(start)} at step 1 and {number(bad[1])} by step {bad[0]}."
    step, last = run.losses[-1]
    return f"The loss grew from {number(start)} at step 1 to {number(last)} at step {step}."


def _cause(run: FitEvidence, used: float | None, limit: float | None) -> tuple[str, str | None]:
    """Why the steps were too long, as far as the numbers tell, and the change to make."""
    factor = gradient_factor(run)
    if factor is not None and factor > LARGE:
        seen = f" At step 1 your loss's gradient was {number(factor)} times that of the mean squared error."
        many = run.fit.points is not None and math.isclose(factor, run.fit.points, rel_tol=0.02)
        guess = " That is the number of data points: a sum where the mean was meant." if many else ""
        return seen + guess, "Make the loss the mean of the squared differences, `.mean()`."
    if used is not None and limit is not None and used > limit:
        return (
            f" Your steps used a learning rate of about {number(used)}; on these data anything above"
            f" {number(limit)} (2 / the largest curvature of the loss) overshoots further each time."
        ), None
    if run.fit.x is not None and factor is None:
        return (
            (" At step 1 the gradient of your loss did not point where that of the mean squared error does."),
            "Look at the prediction and the loss: is it the mean of the squared differences?",
        )
    return "", None


def _first_bad(run: FitEvidence) -> int | None:
    start = run.losses[0][1]
    grown = (step for step, loss in run.losses if not math.isfinite(loss) or loss > GROWN * start)
    return next(grown, None)


def _line(run: FitEvidence) -> int | None:
    updates = [event for event in run.lineage.updates() if event.after >= 1]
    return run.line(updates[0]) if updates else run.loop_line()


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Take the steps of the learning rate that was asked for."""
    pace = other_pace(run) if isinstance(run, FitEvidence) else None
    if pace is not None:
        yield from at("scale-move", run, moving(run), number=pace)
