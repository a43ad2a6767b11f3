"""A number is read out of a tensor at every step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from grader.evidence import READS, FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.records import Event

PITFALL = Pitfall(
    title="A number is read out of torch at every step",
    section="memory and speed",
    rubric="coefficients",
    severity="warning",
    what="`.item()`, `float()`, `.tolist()`, `.numpy()` or a comparison is made of a tensor at every step.",
    why="On a GPU each of them waits until everything before it is done, and copies the number over.",
    mend="Read numbers now and then: `if step % 100 == 0:`. Keep `loss.detach()` where you need them all.",
    see_also="Tensor operations (.item() forces a sync)",
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
        losses.append(loss.item())  # <- item-every-step
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
        loss = ((w * x + b - y) ** 2).mean()
        if loss < 1e-9:  # <- item-every-step
            break
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a comparison reads the number, too",
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
        w.grad = b.grad = None
        if step % 20 == 0:
            print(step, loss.item(), w.item(), b.item())
    return w, b
""",
            note="now and then",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    losses = []
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        losses.append(loss.detach())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    print(torch.stack(losses).tolist()[-1])
    return w, b
""",
            note="all of them, at the end",
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
        if step < 3:
            print(f"{loss.item():.4f}")
    return w, b
""",
            note="only at the start",
        ),
    ),
)

FIRST = 4


def find(run: FitEvidence) -> Iterator[Found]:
    if run.pass_count < FIRST + 2:
        return
    for events in _by_site(run).values():
        if _is_at_every_step(run, events):
            event = events[0]
            yield Found(
                message=(
                    f"`{run.expression(event) or run.statement(event)}` reads a number out of a tensor at"
                    f" every one of the {run.pass_count} steps."
                ),
                line=run.line(event),
                step=1,
                evidence={"call": event.op, "steps": run.pass_count},
            )
            return


def _by_site(run: FitEvidence) -> dict[int | None, list[Event]]:
    found: dict[int | None, list[Event]] = defaultdict(list)
    for event in run.events:
        if event.op in READS:
            found[event.site].append(event)
    return found


def _is_at_every_step(run: FitEvidence, events: list[Event]) -> bool:
    """Whether a read was made between the first passes, each time, and near the last one."""
    seen = {event.after for event in events}
    early = set(range(1, FIRST)) <= seen
    late = any(step >= run.pass_count - 2 for step in seen)
    return early and late
