"""The forward pass itself ran with recording off."""

from __future__ import annotations

from collections.abc import Iterator

from grader.cut import looked_at, missed
from grader.evidence import Evidence
from grader.neutralising import at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Backward, Event, Intervention
from grader.words import code, first_line

PITFALL = Pitfall(
    title="The forward pass ran under `no_grad`",
    section="no_grad",
    rubric="no-grad",
    what="`no_grad` was on while the prediction or the loss was computed, so nothing was recorded.",
    why="There is no graph: `backward()` fails, or brings the parameters nothing.",
    mend="Put only the update under `torch.no_grad()`. The forward pass has to be recorded.",
    explains=(*EXCEPTION, *NO_TRAINING, "severed-graph", "missing-requires-grad"),
    see_also="Turning autograd off: no_grad and friends",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        with torch.no_grad():
            loss = ((w * x + b - y) ** 2).mean()  # <- untracked-forward
            loss.backward()
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
"""
        ),
        Example(
            """\
import torch

@torch.no_grad()
def predict(x, w, b):
    return w * x + b  # <- untracked-forward

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((predict(x, w, b) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a decorated helper",
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
"""
        ),
        Example(
            """\
import torch

@torch.no_grad()
def error(x, y, w, b):
    return ((w * x + b - y) ** 2).mean().item()

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    print("before", error(x, y, w, b))
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    print("after", error(x, y, w, b))
    return w, b
""",
            note="an evaluation under no_grad",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    with torch.no_grad():
        for step in range(steps):
            with torch.enable_grad():
                loss = ((w * x + b - y) ** 2).mean()
            loss.backward()
            w -= lr * w.grad
            b -= lr * b.grad
            w.grad = b.grad = None
    return w, b
""",
            note="recording switched on again for the forward pass",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    leaves = missed(run)
    backward = looked_at(run)
    if not leaves or backward is None:
        return
    event = _unrecorded(run, backward)
    if event is None:
        return
    names = [run.call_it(view, "a parameter") for view in leaves]
    raised = (backward.raised or "").partition(": ")[2]
    stopped = f' Torch stopped: "{first_line(raised)}".' if raised else ""
    yield Found(
        message=(
            f"{run.at_step(backward.step)} `{run.statement(event)}` ran with recording off"
            " (torch.is_grad_enabled() was False), so the loss has no graph that leads to"
            f" {code(names)}.{stopped}"
        ),
        line=run.line(event),
        step=backward.step,
        evidence={"grad_enabled": False, "unreached": names, "torch": backward.raised},
    )


def _unrecorded(run: Evidence, backward: Backward) -> Event | None:
    """The first call on the way to the loss that took what requires grad, with recording off."""
    way = run.lineage.ancestors(backward.loss) if backward.loss else []
    cuts = [
        event for event in way if not event.grad_enabled and any(view.requires_grad for view in event.inputs)
    ]
    return min(cuts, key=lambda event: event.index, default=None)


find_in_call = find


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Record the forward pass."""
    backward = looked_at(run)
    forward = run.forward_of(backward) if backward is not None else run.events
    yield from at("record", run, (event for event in forward if not event.grad_enabled))
