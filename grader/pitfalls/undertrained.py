"""The loop was right and stopped too soon, or walked too slowly."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence, FitEvidence
from grader.motion import is_descent, moves, steady_rate
from grader.neutralising import at, moving, other_pace
from grader.pitfall import Example, Found, Pitfall
from grader.records import Intervention, Position
from grader.words import fitted, number, plural

PITFALL = Pitfall(
    title="Training stopped before it arrived",
    section="training",
    rubric="coefficients",
    what="Every step went downhill, but there were too few of them, or they were too short.",
    why="The parameters are still on their way between where they began and the answer.",
    mend="Make as many steps as `steps` says, with the learning rate that `lr` says.",
    explains=("inaccurate-result",),
    see_also="Your task (the learning rate and the number of steps)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(5):  # <- undertrained
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    rate = 0.001
    for step in range(steps):  # <- undertrained
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a learning rate of one's own, too small",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    last = float("inf")
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        if last - float(loss.detach()) < 1e-9 and step > 40:
            break
        last = float(loss.detach())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="stopping early, at the optimum",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(1000):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr / 2 * w.grad
            b -= lr / 2 * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a slower rate with more steps",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        rate = lr * (1 - 0.2 * step / steps)
        ((w * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a decaying rate that still arrives",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    if not run.returned_normally or run.recovered is None or run.is_right:
        return
    if not run.losses or not is_descent(run):
        return
    first, last = _way(run)
    least = run.fit.loss(run.fit.expected)
    floor = "" if least is None else f"; the best possible is {number(least)}"
    yield Found(
        message=(
            f"After {plural(run.pass_count, 'step')}{_asked(run)} the mean squared error had come from"
            f" {number(first)} down to {number(last)}{floor}. The parameters were at"
            f" {fitted(run.fit.names, run.recovered)}, on their way to"
            f" {fitted(run.fit.names, run.fit.expected)}.{_rate(run)}"
        ),
        line=run.loop_line(),
        step=run.pass_count,
        evidence={
            "steps_made": run.pass_count,
            "steps_asked": run.fit.steps,
            "rate_used": steady_rate(run),
            "rate_asked": run.fit.lr,
            "loss_first": first,
            "loss_last": last,
            "loss_best": least,
        },
    )


def _way(run: FitEvidence) -> tuple[float, float]:
    """The mean squared error at the first step and at the end, or what the submission computed as its loss
    where the data are not known."""
    known = moves(run)
    first = run.fit.loss(known[0].value) if known else None
    last = run.fit.loss(run.recovered or ())
    if first is None or last is None:
        return run.losses[0][1], run.losses[-1][1]
    return first, last


def _asked(run: FitEvidence) -> str:
    if run.fit.steps is None or run.fit.steps == run.pass_count:
        return ""
    return f" ({run.fit.steps} were asked for)"


def _rate(run: FitEvidence) -> str:
    used, asked = steady_rate(run), run.fit.lr
    if used is None or asked is None or abs(used - asked) < 0.02 * asked:
        return ""
    return f" Each step used a learning rate of about {number(used)}; lr was {number(asked)}."


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Run on to the steps that were asked for, at the rate that was asked for."""
    if not isinstance(run, FitEvidence):
        return
    asked, pace = run.fit.steps, other_pace(run)
    if asked is not None and run.pass_count < asked and found.line is not None:
        here = Position(line=found.line, end_line=found.line, column=0, end_column=0)
        yield Intervention(kind="more-steps", positions=(here,), number=asked)
    if pace is not None:
        yield from at("scale-move", run, moving(run), number=pace)
