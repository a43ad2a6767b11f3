"""A Python loop over the elements of a tensor."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.records import Event
from grader.words import plural

PITFALL = Pitfall(
    title="A Python loop goes over the elements of a tensor",
    section="tensors",
    rubric="coefficients",
    severity="warning",
    what="The prediction or the loss is computed one data point at a time, in Python.",
    why=(
        "Each operation on one number costs as much as one on all of them, and adds nodes to the graph:"
        " a hundred times slower here, and more on a GPU."
    ),
    mend="Compute on whole tensors: `((w * x + b - y) ** 2).mean()` needs no loop.",
    see_also="Tensor operations: vectorized, no Python loops",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = 0.0
        for i in range(len(x)):  # <- python-loop
            loss = loss + (w * x[i] + b - y[i]) ** 2
        loss = loss / len(x)
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
    for step in range(steps):
        errors = [(w * xi + b - yi) ** 2 for xi, yi in zip(x, y)]  # <- python-loop
        loss = torch.stack(errors).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a comprehension",
        ),
    ),
    good=(
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
                p -= lr * p.grad
                p.grad = None
    return w, b
""",
            note="a loop over the parameters",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        for part in range(4):
            xs, ys = x[part::4], y[part::4]
            loss = ((w * xs + b - ys) ** 2).mean() / 4
            loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a loop over micro-batches",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    pairs = [f"{xi:.2f} {yi:.2f}" for xi, yi in zip(x.tolist(), y.tolist())]
    print(pairs[0])
    w = torch.zeros(1, requires_grad=True)
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
            note="a loop over Python numbers, once",
        ),
    ),
)

MANY = 30
"""So many calls of one expression on single numbers in one forward pass are a loop over the data."""


A_FEW = 4
"""An expression that runs so often in each call may have its reasons."""


def find(run: FitEvidence) -> Iterator[Found]:
    points = run.fit.points
    if not run.pass_count:
        return
    if points is None or points < 8:
        yield from _point_by_point(run, MANY)
        return
    for calls in _calls_of_one_pass(run).values():
        if len(calls) >= min(MANY, points // 2):
            yield _found(run, calls[0], points)
            return
    yield from _point_by_point(run, points)


def _point_by_point(run: FitEvidence, points: int) -> Iterator[Found]:
    """One backward pass for each data point, over a forward pass in which that was a number of Python's."""
    second = next((backward for backward in run.passes if backward.step == 2), None)
    if second is None or run.pass_count < points:
        return
    recorded = [e for e in run.forward_of(second) if any(view.grad_fn for view in e.outputs)]
    if any(not view.requires_grad for e in recorded for view in e.inputs):
        return  # one row of a tensor at a time: stochastic gradient descent
    sizes = [view.numel for e in recorded for view in e.outputs]
    if not recorded or any(size > run.fit.size for size in sizes) or sizes.count(1) < len(sizes) - 1:
        return
    yield Found(
        message=(
            f"Each of the {run.pass_count} backward passes had one data point behind it: a forward pass, a"
            " backward pass and an update for one point after another."
        ),
        line=run.loop_line(),
        step=second.step,
        evidence={"points": points, "backward_passes": run.pass_count},
        fix="Keep the data in tensors, and let one pass work on all of them, or on a batch, at once.",
    )


def _calls_of_one_pass(run: FitEvidence) -> dict[int | None, list[Event]]:
    """The arithmetic on single numbers between the first pass and the second, by expression."""
    calls: dict[int | None, list[Event]] = defaultdict(list)
    after = min(1, run.pass_count - 1)
    for event in run.events:
        if event.after == after and _is_single(event):
            calls[event.site].append(event)
    return calls


def _found(run: FitEvidence, event: Event, points: int) -> Found:
    return Found(
        message=(
            f"`{run.expression(event) or run.statement(event)}` works on one number at a time, once for each"
            f" of the {points} data points, in every forward pass."
        ),
        line=_line(run, event),
        step=event.after + 1,
        evidence={"points": points, "op": event.op},
    )


def _is_single(event: Event) -> bool:
    """Arithmetic that autograd records, on single numbers."""
    single = all(view.numel == 1 for view in (*event.inputs, *event.outputs))
    return single and any(view.grad_fn for view in event.outputs)


def _line(run: Evidence, event: Event) -> int | None:
    site = run.site(event.site)
    if site is None or site.function.startswith("<"):
        return run.line(event)
    return run.source.loop_around([site.line]) or site.line


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """One number at a time, in a function that is given many: an expression that ran many times in all, and
    not merely once or twice a call."""
    least = max(MANY, A_FEW * len(run.calls))
    # One expression may call torch several times by itself, in a library that it uses.
    kinds = {(event.site, event.op) for event in run.events}
    calls_in = Counter(site for site, _ in kinds)
    for event in run.events:
        site = run.site(event.site)
        single = bool(event.outputs) and all(view.numel == 1 for view in event.outputs)
        if not single or site is None or site.visits // calls_in[event.site] < least:
            continue
        yield Found(
            message=(
                f"`{run.expression(event) or run.statement(event)}` ran {site.visits} times in"
                f" {plural(len(run.calls), 'call')}, on one number at a time."
            ),
            line=_line(run, event),
            evidence={"times": site.visits, "calls": len(run.calls), "op": event.op},
            fix="Compute on whole tensors: what is done to one element, torch does to all of them at once.",
        )
        return
