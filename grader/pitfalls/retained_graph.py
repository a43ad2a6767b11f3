"""Graphs of earlier steps stay reachable, so memory grows with the steps."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence, FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION
from grader.rebinding import graph_grows
from grader.records import Event, Intervention
from grader.words import listing

PITFALL = Pitfall(
    title="The graphs of all steps are kept alive",
    section="memory and speed",
    rubric="no-grad",
    what=(
        "A tensor with a grad_fn holds on to the graph that made it. Kept in a list, or added to a running"
        " total, it keeps the graphs of all steps."
    ),
    why="Memory grows with every step, until a long training runs out of it.",
    mend="Keep the number: `losses.append(loss.item())` now and then, or `loss.detach()`.",
    explains=("memory-limit", "time-limit", *EXCEPTION),
    see_also="Turning autograd off: detach (a stored tensor keeps its graph)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    losses = []
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        losses.append(loss)  # <- retained-graph
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
    total = 0.0
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        total = total + loss  # <- retained-graph
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    print("mean loss", total.item() / steps)
    return w, b
""",
            note="a running total",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    losses = []
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        losses.append(loss.detach())
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="detached",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    recent = []
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        recent = [*recent[-2:], loss]
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="only the latest three",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward(retain_graph=True)
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the flag alone keeps nothing once the loss is replaced",
        ),
    ),
)

SHARE = 0.5
"""Graphs grow with the steps when at least this share of them is still alive."""
ENOUGH = 16
"""Steps after which growth can be told from a few that are kept."""


def find(run: FitEvidence) -> Iterator[Found]:
    counted = run.trace.graphs_alive if run.trace else ()
    late = [(step, alive) for step, alive in counted if step >= ENOUGH]
    if not late or not all(alive >= SHARE * step for step, alive in late):
        return
    growth = listing([f"{alive} at step {step}" for step, alive in counted[:6]])
    holder = run.trace.held_by if run.trace else None
    event = None if holder else _total(run) or _chain(run)
    if event is None and holder is None and graph_grows(run):
        return  # what is walked grows: that is another mistake's doing
    what = f"`{holder}` holds whole tensors, each with its step's graph" if holder else _what(run, event)
    yield Found(
        message=f"Graphs of earlier steps that were still in memory: {growth}. {what}.",
        line=_line(run, holder, event),
        step=late[0][0],
        evidence={"graphs_alive": [list(pair) for pair in counted], "held_by": holder},
        fix=_fix(run, event),
    )


def _total(run: FitEvidence) -> Event | None:
    """The call that added a loss to something that carries a graph, and was never walked itself."""
    losses, walked = _losses(run), _walked_sites(run)
    for event in run.events:
        single = all(view.numel == 1 for view in event.outputs)
        takes_loss = any(view.id in losses for view in event.inputs)
        makes_graph = any(view.grad_fn and view.id not in losses for view in event.outputs)
        if event.after >= 1 and single and takes_loss and makes_graph and event.site not in walked:
            return event
    return None


def _walked_sites(run: FitEvidence) -> set[int | None]:
    """The expressions whose results a recorded backward pass went over."""
    losses = [backward.loss for backward in run.passes if backward.loss]
    walked = _losses(run)
    for loss in losses:
        walked |= {view.id for event in run.lineage.ancestors(loss) for view in event.inputs}
    return {event.site for event in run.events if any(view.id in walked for view in event.outputs)}


def _chain(run: FitEvidence) -> Event | None:
    """A call that took, with its graph, what the same expression had made in an earlier step."""
    walked = _walked_sites(run)
    for event in run.events:
        if event.after < 1 or not event.visit or not any(view.grad_fn for view in event.outputs):
            continue
        behind = [e for view in event.inputs if view.grad_fn for e in run.lineage.ancestors(view)]
        again = any(e.site == event.site and e.after < event.after for e in behind)
        if again and event.site not in walked:
            return event
    return None


def _what(run: FitEvidence, event: Event | None) -> str:
    if event is None:
        return "Something that the loop keeps holds on to each of them"
    return f"`{run.statement(event)}` makes each step's graph a part of the next one's"


def _fix(run: FitEvidence, event: Event | None) -> str | None:
    if event is None:
        return None
    return (
        "Leave the history behind before you add it up: `loss.detach()` in the place of `loss`"
        " (`loss.item()`, where you do not need it at every step)."
        if any(view.id in _losses(run) for view in event.inputs)
        else "Add `.detach()` to what is carried over to the next step: its number is kept, its graph is not."
    )


def _losses(run: FitEvidence) -> set[int]:
    return {backward.loss.id for backward in run.passes if backward.loss}


def _line(run: FitEvidence, holder: str | None, event: Event | None) -> int | None:
    if event is not None:
        return run.line(event)
    if holder and run.trace and run.trace.held_at:
        return run.trace.held_at
    loop = run.loop_line()
    found = run.source.stores_into(holder, loop) if holder else None
    return found or loop


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Let go of each step's graph once it was walked."""
    yield Intervention(kind="release-graph")
