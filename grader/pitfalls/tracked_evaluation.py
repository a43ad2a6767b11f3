"""An evaluation builds a graph that nothing walks."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import SMALL, FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.records import Event

PITFALL = Pitfall(
    title="An evaluation is recorded by autograd",
    section="no_grad",
    rubric="no-grad",
    severity="warning",
    what="A loss was computed only to be looked at, with recording on: a graph was built that nothing walks.",
    why="Recording costs time and memory; kept somewhere, such a graph stays in memory.",
    mend="Evaluate under `with torch.no_grad():`.",
    see_also="Turning autograd off: evaluation and inference",
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
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
        if step % 20 == 0:
            print(((w * x + b - y) ** 2).mean().item())  # <- tracked-evaluation
    return w, b
"""
        ),
        Example(
            """\
import torch

def error(x, y, w, b):
    return ((w * x + b - y) ** 2).mean()  # <- tracked-evaluation

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        torch.mean((w * x + b - y) ** 2).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    print("at the end", error(x, y, w, b).item())
    return w, b
""",
            note="at the end",
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
            w -= lr * w.grad
            b -= lr * b.grad
            if step % 20 == 0:
                print(((w * x + b - y) ** 2).mean().item())
        w.grad = b.grad = None
    return w, b
""",
            note="under no_grad",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        if step % 20 == 0:
            print(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the training loss itself is looked at",
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
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    print(((w.detach() * x + b.detach() - y) ** 2).mean().item())
    return w, b
""",
            note="with detached parameters",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    if not run.returned_normally or not run.pass_count:
        return
    walked = _walked(run)
    for event in run.events:
        if event.after >= 1 and event.index not in walked and _is_reduction(event):
            if event.site in {e.site for e in run.events if e.index in walked}:
                continue
            yield Found(
                message=(
                    f"`{run.expression(event) or run.statement(event)}` was computed with recording on"
                    f" (grad_fn={event.outputs[0].grad_fn}), and no backward pass ever used it."
                ),
                line=run.line(event),
                step=event.after,
                evidence={"grad_fn": event.outputs[0].grad_fn, "value": event.outputs[0].values},
            )
            return


def _walked(run: FitEvidence) -> set[int]:
    """The calls that some backward pass's loss was computed by."""
    losses = [backward.loss for backward in run.passes if backward.loss is not None]
    return {event.index for loss in losses for event in run.lineage.ancestors(loss)}


def _is_reduction(event: Event) -> bool:
    made = any(view.grad_fn and view.numel == 1 for view in event.outputs)
    return made and any(view.grad_fn and view.numel > SMALL for view in event.inputs)


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """A graph was built where an evaluation was asked for: there it is an error."""
    if not run.case.no_graph:
        return
    event = next((e for e in run.events if any(view.grad_fn for view in e.outputs)), None)
    if event is not None:
        made = next(view for view in event.outputs if view.grad_fn)
        yield Found(
            message=(
                f"In `{run.asked(run.call_of(event))}`, `{run.expression(event) or run.statement(event)}` was"
                f" recorded (grad_fn={made.grad_fn}): a graph was built that no backward pass will use."
            ),
            line=run.line(event),
            evidence={"grad_fn": made.grad_fn, "grad_enabled": event.grad_enabled},
            severity="error",
        )
