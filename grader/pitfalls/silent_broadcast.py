"""Shapes that were not meant to be combined are broadcast to one number for every pair."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.neutralising import at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Event, Intervention, TensorView
from grader.words import fitted, number, shape

PITFALL = Pitfall(
    title="Two shapes were broadcast to every pair of elements",
    section="broadcasting",
    rubric="shapes-and-dtypes",
    what=(
        "A tensor of shape `(N,)` met one of shape `(N, 1)`. Torch stretched both to `(N, N)`: every"
        " prediction against every target, instead of each against its own."
    ),
    why=(
        "Nothing fails. The loss is an average over N·N wrong pairs, and its minimum is the flat line"
        " through the mean of y: training converges, to a useless answer."
    ),
    mend=(
        "Give both tensors the same shape before they meet, for example `target.reshape(-1)`, and assert"
        " that `pred.shape == target.shape`."
    ),
    explains=(*POOR_FIT, *EXCEPTION, "non-scalar-backward", "wrong-update", "hardcoded-answer"),
    see_also="Broadcasting: the rules",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    y = y.reshape(-1, 1)
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        residual = w * x + b - y  # <- silent-broadcast
        loss = (residual ** 2).mean()
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
import torch.nn.functional as F

def predict(x, w, b):
    return (w * x + b).unsqueeze(1)

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = F.mse_loss(predict(x, w, b), y)  # <- silent-broadcast
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="inside a loss function",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="`(1,)` against `(N,)` is what broadcasting is for",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    x, y = x.reshape(-1, 1), y.reshape(-1, 1)
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="columns throughout",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    powers = torch.arange(2, -1, -1)
    design = x[:, None] ** powers
    p = torch.zeros(3, requires_grad=True)
    for step in range(steps):
        loss = ((design * p).sum(dim=1) - y).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            exercise="quadratic",
            note="an outer product that is meant: one column a power",
        ),
    ),
)

_PRODUCTS = (
    "matmul",
    "mm",
    "outer",
    "ger",
    "einsum",
    "cdist",
    "kron",
    "addmm",
    "__matmul__",
    "expand",
)


def find(run: FitEvidence) -> Iterator[Found]:
    # Pairs that did not matter (a table printed beside the training, say) are nobody's mistake.
    if run.is_right:
        return
    points = run.fit.points or _points(run)
    event = next((e for e in run.events if points and _makes_pairs(e, points)), None)
    if event is None:
        return
    one, other = _the_two(event, points or 0)
    pairs = shape(_broadcast(one.shape, other.shape) or ())
    yield Found(
        message=(
            f"`{run.expression(event) or run.statement(event)}` combined {shape(one.shape)} with"
            f" {shape(other.shape)}, and broadcasting made {pairs} of them: {points}×{points} pairs"
            f" instead of {points}. {_outcome(run)}"
        ),
        line=run.line(event),
        step=event.after + 1,
        evidence={
            "left": list(one.shape),
            "right": list(other.shape),
            "result": list(_broadcast(one.shape, other.shape) or ()),
            "recovered": run.recovered,
            "expected": run.fit.expected,
        },
        fix=_fix(run, one, other),
    )


def _points(run: FitEvidence) -> int | None:
    """How many data points a script has, where its data were not found: the commonest large size."""
    sizes = [v.numel for e in run.events for v in e.inputs if v.numel > 8 and not v.requires_grad]
    return max(set(sizes), key=sizes.count) if sizes else None


def _makes_pairs(event: Event, points: int) -> bool:
    if event.raised or len(event.inputs) < 2 or event.op.endswith(_PRODUCTS):
        return False
    one, other = _the_two(event, points)
    sizes = sorted((one.numel, other.numel))
    if sizes not in ([points, points], [points, points**2]):
        return False
    result = _broadcast(one.shape, other.shape)
    return result is not None and _product(result) == points**2 and points > 1


def _the_two(event: Event, points: int) -> tuple[TensorView, TensorView]:
    full = [view for view in event.inputs if view.numel in (points, points**2)]
    return (full[0], full[1]) if len(full) > 1 else (event.inputs[0], event.inputs[1])


def _broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that two shapes are broadcast to; None where they do not fit."""
    length = max(len(one), len(other))
    left, right = (1,) * (length - len(one)) + one, (1,) * (length - len(other)) + other
    if any(a != b and 1 not in (a, b) for a, b in zip(left, right, strict=True)):
        return None
    return tuple(max(a, b) for a, b in zip(left, right, strict=True))


def _product(sizes: tuple[int, ...]) -> int:
    product = 1
    for size in sizes:
        product *= size
    return product


def _outcome(run: FitEvidence) -> str:
    if run.recovered is None:
        return "The loss was not the mean squared error of your predictions."
    return (
        f"The fit ended at {fitted(run.fit.names, run.recovered)}; the best fit of these data is"
        f" {fitted(run.fit.names, run.fit.expected)}."
        + (f" The last loss was {number(run.losses[-1][1])}." if run.losses else "")
    )


def _fix(run: Evidence, one: TensorView, other: TensorView) -> str:
    column = one if len(one.shape) > len(other.shape) else other
    name = run.call_it(column, "")
    how = f"`{name}.reshape(-1)`" if name else "`.reshape(-1)` flattens the column"
    return (
        f"Make both `({column.numel},)` before they meet: {how}, or leave out what added the extra dimension."
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    if run.is_right or run.entry.returns == ("grid",):
        return
    for call in range(len(run.calls)):
        for event in run.events_of(call):
            points = max((view.numel for view in event.inputs), default=0)
            if not _makes_pairs(event, points):
                continue
            one, other = _the_two(event, points)
            pairs = shape(_broadcast(one.shape, other.shape) or ())
            yield Found(
                message=(
                    f"In `{run.asked(call)}`, `{run.expression(event) or run.statement(event)}` combined"
                    f" {shape(one.shape)} with {shape(other.shape)}, and broadcasting made {pairs} of them:"
                    f" {points}×{points} pairs instead of {points}."
                ),
                line=run.line(event),
                evidence={"left": list(one.shape), "right": list(other.shape)},
                fix=_fix(run, one, other),
            )
            return


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make a row of the column where it meets a row."""
    yield from at("align", run, (event for event in run.events if _meets_a_column(event)))


def _meets_a_column(event: Event) -> bool:
    """Whether a call was given a row of N and a column of as many."""
    rows = {view.shape[0] for view in event.inputs if len(view.shape) == 1 and view.numel > 1}
    return any(len(v.shape) == 2 and v.shape[1] == 1 and v.numel in rows for v in event.inputs)
