"""A parameter is changed in place while autograd is recording."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Event, Intervention
from grader.words import numbers, shape

PITFALL = Pitfall(
    title="A parameter was changed in place outside `no_grad`",
    section="no_grad",
    rubric="no-grad",
    what=(
        "The update changes a leaf that requires grad in place while autograd is recording. Torch refuses:"
        " it would have to record the update as a part of the model."
    ),
    why="Torch raises a RuntimeError at the first update, so nothing is learnt at all.",
    mend="Put the update, and only the update, under `with torch.no_grad():`.",
    explains=(*EXCEPTION, *NO_TRAINING, "stale-gradient", "repeated-backward"),
    see_also="Turning autograd off: no_grad and friends",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        w -= lr * w.grad  # <- tracked-inplace-update
        b -= lr * b.grad
        w.grad = None
        b.grad = None
    return w, b
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        for i in range(2):
            p[i] -= lr * p.grad[i]  # <- tracked-inplace-update
        p.grad = None
    return p
""",
            note="through a view",
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
        w.grad = None
        b.grad = None
    return w, b
"""
        ),
        Example(
            """\
import torch

@torch.no_grad()
def step_down(parameters, lr):
    for p in parameters:
        p.add_(p.grad, alpha=-lr)
        p.grad.zero_()

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        step_down([w, b], lr)
    return w, b
""",
            note="a decorated helper",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    total = torch.zeros(1)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        total += 1
        torch.set_grad_enabled(False)
        w -= lr * w.grad
        b -= lr * b.grad
        torch.set_grad_enabled(True)
        w.grad = b.grad = None
    return w, b
""",
            note="recording switched off by hand; another tensor changed in place",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    event = next((e for e in run.events if _is_refused(e)), None)
    if event is None or run.is_right:
        return
    target = event.inputs[0]
    name = run.call_it(target, "the parameter")
    expression = run.expression(event)
    yield Found(
        message=(
            f"{run.at_step(max(1, event.after))} `{expression or event.op}` changes `{name}` (a leaf of shape"
            f" {shape(target.shape)}, {numbers(target.values)}) in place while autograd is recording, and"
            ' torch stopped there: "a leaf Variable that requires grad is being used in an in-place'
            ' operation".'
        ),
        line=run.line(event),
        step=max(1, event.after),
        evidence={"parameter": name, "value": target.values, "torch": event.raised},
    )


def _is_refused(event: Event) -> bool:
    """Whether torch refused this change, and be it that the submission caught the exception."""
    raised = event.raised or ""
    return bool(event.inputs) and "leaf Variable that requires grad" in raised and "in-place" in raised


find_in_call = find


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Let leaves be changed unrecorded."""
    yield Intervention(kind="update-unrecorded")
