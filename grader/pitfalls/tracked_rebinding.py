"""A parameter's name is bound to the result of a recorded update: it is no leaf any more."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.neutralising import at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import evidence_of
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.rebinding import graph_grows, rebindings, result_is_good
from grader.records import Intervention

PITFALL = Pitfall(
    title="An update outside `no_grad` made the parameter a non-leaf",
    section="no_grad",
    rubric="no-grad",
    what=(
        "`w = w - lr * w.grad` makes a new tensor and gives it the old name. Made while autograd is"
        " recording, the new tensor is a result of the graph and no leaf: `backward()` leaves nothing in"
        " its `.grad`."
    ),
    why=(
        "From the next step on `.grad` is None, or the graph of every step so far hangs on the parameter"
        " and grows."
    ),
    mend="Change the parameter in place, with recording off: `with torch.no_grad(): w -= lr * w.grad`.",
    explains=(
        *EXCEPTION,
        *NO_TRAINING,
        "non-leaf-parameter",
        "stale-gradient",
        "repeated-backward",
        "retained-graph",
        "time-limit",
        "memory-limit",
        "missing-requires-grad",
    ),
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
        w = w - lr * w.grad  # <- tracked-rebinding
        b = b - lr * b.grad
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
        gw, gb = torch.autograd.grad(loss, [w, b])
        w = w - lr * gw  # <- tracked-rebinding
        b = b - lr * gb
    return w, b
""",
            note="the numbers survive it, the leaves do not",
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
        w = (w - lr * w.grad).detach().requires_grad_()
        b = (b - lr * b.grad).detach().requires_grad_()
    return w, b
""",
            note="a fresh leaf each step",
        ),
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
            w.copy_(w - lr * w.grad)
            b.copy_(b - lr * b.grad)
        w.grad = b.grad = None
    return w, b
""",
            note="a new tensor, copied into the leaf",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        scale = p * torch.ones(2)
        loss = ((scale[0] * x + scale[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, [p])
        with torch.no_grad():
            p -= lr * g
    return p
""",
            note="non-leaves in the forward pass are what it is made of",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    if result_is_good(run) and not graph_grows(run):
        return
    found = next((r for r in rebindings(run) if r.result.requires_grad and not r.result.leaf), None)
    if found is None:
        return
    name, event = found.name, found.event
    yield Found(
        message=(
            f"At step {event.after} `{run.expression(event) or event.op}` made a new tensor"
            f" (grad_fn={found.result.grad_fn}, is_leaf=False) that took the place of `{name}`."
            f" {_then(run, found.name)}"
        ),
        line=run.line(event),
        step=event.after,
        evidence={
            "parameter": name,
            "grad_fn": found.result.grad_fn,
            "before": found.parameter.values,
            "after": found.result.values,
            "graph_sizes": [b.graph_size for b in run.passes[:8] if b.graph_size is not None],
        },
        fix=f"Keep the leaf and change it in place: `with torch.no_grad(): {name} -= …`.",
    )


def _then(run: FitEvidence, name: str) -> str:
    if run.raised is not None:
        return "Its `.grad` is None from then on: torch fills the `.grad` of leaves only."
    sizes = [b.graph_size for b in run.passes[:8] if b.graph_size is not None]
    if len(sizes) > 1 and sizes[-1] > sizes[0]:
        return f"The graph behind the loss grew from {sizes[0]} to {sizes[-1]} nodes in {len(sizes)} steps."
    return f"`{name}` is a result of the graph from then on."


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """A new tensor with a graph stands where a parameter was given."""
    for off in run.left_off("identity"):
        view = off.difference.value.tensor
        if view is None or not view.requires_grad or view.leaf:
            continue
        made = run.maker(off.difference.value)
        yield Found(
            message=(
                f"`{run.statement(made)}` put a new tensor (grad_fn={view.grad_fn}, is_leaf={view.leaf}) in"
                f" the place of `{off.difference.name}`: whoever holds the parameter itself sees no change."
            ),
            line=run.line(made) or run.source.definition(run.entry.name),
            evidence=evidence_of(run, off) | {"grad_fn": view.grad_fn},
            fix="Change the tensor that was given, in place and under `torch.no_grad()`: `p -= lr * p.grad`.",
        )
        return


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make a leaf of what takes a parameter's place."""
    if isinstance(run, FitEvidence):
        yield from at("new-leaf", run, (each.event for each in rebindings(run)))
