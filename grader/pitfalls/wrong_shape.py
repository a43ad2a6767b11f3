"""A fitted parameter has a shape that the exercise does not ask for."""

from __future__ import annotations

import math
from collections.abc import Iterator

from grader.answers import answers
from grader.call_evidence import CallEvidence, Off
from grader.evidence import Evidence, FitEvidence
from grader.expected import ATensor
from grader.neutralising import at, calls_at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import first_off
from grader.pitfalls._symptoms import EXCEPTION
from grader.records import Event, Intervention
from grader.words import shape

PITFALL = Pitfall(
    title="A tensor has another shape than was asked for",
    section="tensors",
    rubric="shapes-and-dtypes",
    what=(
        "A fitted parameter is one number: shape `(1,)` or `()`. All of them packed in one vector, `(k,)`,"
        " are as good."
    ),
    why=(
        "A parameter with a dimension too many broadcasts everything it meets, and one number a data point"
        " is not a model but a copy of the data."
    ),
    mend="Make each parameter with one element, `torch.zeros(1, …)`, or pack them in one vector.",
    explains=("inaccurate-result", "hardcoded-answer", *EXCEPTION),
    see_also="Capstone, parameters",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, 1, requires_grad=True)  # <- wrong-shape
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x.reshape(-1, 1) + b - y.reshape(-1, 1)) ** 2).mean()
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
    w = torch.zeros(len(x), requires_grad=True)  # <- wrong-shape
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
            note="one slope a data point",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros((), requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="0-dim parameters",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="packed in a vector",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        loss = ((torch.stack([x, torch.ones_like(x)], dim=1) @ p - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return (p,)
""",
            note="packed, in a tuple of one",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    found = answers(run)
    if not run.answer_tensors or _is_packed(run):
        return
    wrong = next((answer for answer in found if answer.view.shape not in ((), (1,))), None)
    if wrong is None:
        return
    yield Found(
        message=(
            f"`{wrong.name}` has shape {shape(wrong.view.shape)}. The exercise asks for (1,) or (), or for"
            f" all {run.fit.size} parameters in one tensor of shape ({run.fit.size},)."
        ),
        line=wrong.line,
        evidence={"shapes": {answer.name: list(answer.view.shape) for answer in found}},
    )


def _is_packed(run: FitEvidence) -> bool:
    views = run.answer_tensors
    return len(views) == 1 and views[0].shape == (run.fit.size,)


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    off = next(run.about("shape"), None)
    squeezed = _squeezed(run, off) if off is not None else None
    yield from first_off(
        run,
        run.about("shape"),
        line=run.line(squeezed),
        because=f" `{run.statement(squeezed)}` drops every dimension of size 1." if squeezed else "",
        fix="Print the shapes on the way, and find the first line whose result has not the shape you expect.",
        why="What comes next is broadcast with it: a shape that is off makes wrong numbers without an error.",
    )


def _squeezed(run: CallEvidence, off: Off) -> Event | None:
    """The ``squeeze`` without a dimension on the way to a tensor that has a dimension too few."""
    view, wanted = off.difference.value.tensor, off.difference.expected
    sizes = wanted.shapes[0] if isinstance(wanted, ATensor) and wanted.shapes else ()
    if view is None or len(view.shape) >= len(sizes):
        return None
    way = (e for e in run.lineage.ancestors(view) if e.op in ("Tensor.squeeze", "torch.squeeze"))
    return next((event for event in way if not event.arguments), None)


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Keep one element."""
    if isinstance(run, FitEvidence):
        shapes = {view.shape for event in calls_at(run, found) for view in event.outputs}
        made = [e for e in run.all_events if any(v.leaf and v.requires_grad for v in e.outputs)]
        births = [e for e in made if e.after == 0 and shapes.intersection(v.shape for v in e.outputs)]
        packed = any(math.prod(each) == run.fit.size > 1 for each in shapes)
        yield from at("one-element", run, () if packed else births)
