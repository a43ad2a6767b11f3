"""``backward()`` on a tensor of many elements."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.neutralising import at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Intervention
from grader.words import first_line, shape

PITFALL = Pitfall(
    title="`backward()` was called on a tensor that is no scalar",
    section="autograd",
    rubric="coefficients",
    what=(
        "A gradient is that of one number, the loss. `backward()` was called on a tensor of several elements."
    ),
    why="Torch does not know which of them to differentiate, and raises a RuntimeError.",
    mend="Reduce first: `loss = ((pred - y) ** 2).mean()`, then `loss.backward()`.",
    explains=(*EXCEPTION, *NO_TRAINING),
    see_also="Autograd: the computation graph, rule 1 (backward needs a scalar)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = (w * x + b - y) ** 2
        loss.backward()  # <- non-scalar-backward
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
        loss = torch.nn.functional.mse_loss(w * x + b, y, reduction="none")
        gw, gb = torch.autograd.grad(loss, [w, b])  # <- non-scalar-backward
        with torch.no_grad():
            w -= lr * gw
            b -= lr * gb
    return w, b
""",
            note="through torch.autograd.grad",
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
        loss = ((w * x + b - y) ** 2).sum() / len(x)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="sum over count",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean().reshape(1)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="one element is scalar enough",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        losses = (w * x + b - y) ** 2
        losses.backward(torch.full_like(losses, 1 / len(x)))
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="with the weights of the elements given",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    failed = run.raising_pass
    if failed is None or failed.loss is None or failed.loss.numel == 1:
        return
    if "scalar outputs" not in (failed.raised or ""):
        return
    name = run.call_it(failed.loss, "the loss")
    message = (failed.raised or "").partition(": ")[2]
    yield Found(
        message=(
            f"{run.at_step(failed.step)} `{name}` has shape {shape(failed.loss.shape)}:"
            f" {failed.loss.numel} numbers, where one was needed. Torch stopped:"
            f' "{first_line(message)}".'
        ),
        line=run.line(failed),
        step=failed.step,
        evidence={"shape": list(failed.loss.shape), "torch": failed.raised},
        fix=f"Reduce `{name}` to one number before this line, with `.mean()`.",
    )


find_in_call = find


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make the loss the mean of what it was."""
    losses = (run.lineage.birth(p.loss) for p in run.passes[:1] if p.loss is not None)
    yield from at("take-mean", run, (event for event in losses if event is not None))
