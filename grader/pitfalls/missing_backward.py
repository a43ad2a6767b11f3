"""A loss was computed and never differentiated."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.lineage import GRADIENT_READ
from grader.neutralising import at, calls_at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Event, Intervention
from grader.words import number

PITFALL = Pitfall(
    title="`backward()` was never called",
    section="autograd",
    rubric="coefficients",
    what="A loss was computed from parameters that require grad, and no gradient of it was ever asked for.",
    why="`.grad` stays None: there is nothing to step along.",
    mend="Call `loss.backward()` after the loss is computed and before the update.",
    explains=(*EXCEPTION, *POOR_FIT, "unapplied-update", "wrong-return"),
    see_also="Capstone, the training loop: backward",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()  # <- missing-backward
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
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()  # <- missing-backward
        with torch.no_grad():
            for p in (w, b):
                if p.grad is not None:
                    p -= lr * p.grad
                    p.grad = None
    return w, b
""",
            note="silent: the update waits for a gradient that never comes",
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
        torch.autograd.backward(loss)
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="torch.autograd.backward",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        grads = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            for p, g in zip((w, b), grads):
                p -= lr * g
    return w, b
""",
            note="torch.autograd.grad",
        ),
        Example(
            """\
from torch.autograd import grad
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        error = p[0] * x + p[1] - y
        (g,) = grad((error * error).mean(), p)
        p.detach().sub_(lr * g)
    return p
""",
            note="imported by name",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    if run.pass_count or run.trace is None or _was_zeroing(run):
        return
    asked = [event for event in run.events if event.op == GRADIENT_READ and event.result == "None"]
    wanted = [event for event in asked if event.inputs[0].requires_grad]
    loss = _loss(run, wanted[0].index if wanted else None)
    if loss is None or not (wanted or run.returned_normally) or run.is_right:
        return
    view = loss.outputs[0]
    name = run.call_it(view, "") or run.source.bound_at(run.line(loss)) or "the loss"
    value = number(view.values[0]) if view.values else "?"
    when = "" if isinstance(run, CallEvidence) else " at step 1"
    yield Found(
        message=(
            f"`{name}` was computed{when} ({value}, grad_fn={view.grad_fn}), but no `backward()` was"
            " called on it"
            + (f": `{run.expression(wanted[0]) or '.grad'}` was None." if wanted else " in the whole run.")
        ),
        line=run.line(loss),
        step=1,
        evidence={"loss": view.values, "grad_fn": view.grad_fn, "backward_passes": 0},
        fix=f"Add `{name if name.isidentifier() else 'loss'}.backward()` after this line.",
    )


def _was_zeroing(run: Evidence) -> bool:
    """Whether it was a zeroing that met None, before the first backward pass: that may still have come."""
    said = run.raised.message if run.raised else ""
    return "no attribute 'zero_'" in said or "no attribute 'fill_'" in said


def _loss(run: Evidence, before: int | None) -> Event | None:
    """The last number computed from parameters that require grad, before their gradients were read."""
    found = None
    for event in run.events:
        if before is not None and event.index >= before:
            break
        if event.visit == 0 and any(_is_loss(view.numel, view.grad_fn) for view in event.outputs):
            found = event
    return found


def _is_loss(numel: int, grad_fn: str | None) -> bool:
    return numel == 1 and grad_fn is not None


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    read = _read_in_vain(run)
    if _was_zeroing(run):
        return
    if not run.pass_count and (run.raised is not None or read is not None):
        yield from list(find(run)) or _nothing_walked(run, read)
        return
    wanted = run.case.backward_passes
    made = [len(list(run.passes_of(call))) for call in range(len(run.calls))]
    if not run.is_answered or not made or not 0 < min(made) < wanted:
        return
    last = run.passes[-1]
    yield Found(
        message=(
            f"`{run.asked()}` was given {wanted} batches and made {min(made)} of the {wanted} backward passes"
            " that were asked for. One a batch is how batches are trained on that do not fit into memory"
            " together."
        ),
        line=run.line(last),
        evidence={"batches": wanted, "backward_passes": min(made)},
        title="There were fewer backward passes than batches",
        fix="Call `backward()` on the loss of each batch, and let the gradients add up.",
    )


def _read_in_vain(run: CallEvidence) -> Event | None:
    """The first read of the gradient of something that requires grad, that was None."""
    reads = (e for e in run.events if e.op == GRADIENT_READ and e.result == "None")
    return next((event for event in reads if event.inputs[0].requires_grad), None)


def _nothing_walked(run: CallEvidence, read: Event | None) -> list[Found]:
    if read is None:
        return []
    name = run.call_it(read.inputs[0], "the tensor")
    found = Found(
        message=f"`{name}.grad` was read, and was None: no backward pass had been made before.",
        line=run.line(read),
        evidence={"backward_passes": 0},
    )
    return [found]


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Go backward from the loss as soon as it is there."""
    losses = [e for e in calls_at(run, found) if any(v.numel == 1 and v.requires_grad for v in e.outputs)]
    if isinstance(run, FitEvidence):
        yield from at("backward-after", run, losses[-1:])
