"""``torch.optim`` or an ``nn.Module`` where raw tensors were asked for."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall

PITFALL = Pitfall(
    title="A ready-made optimizer or module did the work",
    section="training",
    rubric="coefficients",
    what="The exercise is to write the loop by hand: `torch.optim` and `torch.nn.Module` are left out.",
    why="They do the update and the zeroing out of sight: what you came to learn is not in your code.",
    mend=(
        "Replace it by its few lines: `p -= lr * p.grad` under `torch.no_grad()`, `p.grad = None`, and"
        " `((pred - y) ** 2).mean()` for the loss. `torch.nn.functional` may be used."
    ),
    explains=("missing-requires-grad", "non-leaf-parameter", "wrong-shape", "wrong-return"),
    blocks=("gradient-zeroing", "no-grad"),
    see_also="Capstone: only tensors and autograd",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=lr)  # <- forbidden-api
    for step in range(steps):
        optimizer.zero_grad()
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    return w, b
"""
        ),
        Example(
            """\
import torch
from torch import nn

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    criterion = nn.MSELoss()  # <- forbidden-api
    for step in range(steps):
        loss = criterion(w * x + b, y)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a loss that is a module",
        ),
    ),
    good=(
        Example(
            """\
import torch
import torch.nn.functional as F

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = F.mse_loss(w * x + b, y)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="torch.nn.functional",
        ),
        Example(
            """\
import torch
from torch import nn, optim

def fit(x, y, lr, steps):
    w = nn.Parameter(torch.randn(1))
    b = nn.Parameter(torch.zeros(1))
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad = None
    return w, b
""",
            note="imported and not used; nn.Parameter is a tensor",
        ),
        Example(
            """\
import torch

class SGD:
    def __init__(self, parameters, lr):
        self.parameters, self.lr = parameters, lr

    @torch.no_grad()
    def step(self):
        for p in self.parameters:
            p -= self.lr * p.grad
            p.grad = None

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    optimizer = SGD([w, b], lr)
    for step in range(steps):
        ((w * x + b - y) ** 2).mean().backward()
        optimizer.step()
    return w, b
""",
            note="an optimizer of one's own",
        ),
    ),
)

_FORBIDDEN = {
    "python.torch.optim.Optimizer": "one of torch.optim",
    "python.torch.nn.Module": "a torch.nn.Module",
}


def find(run: Evidence) -> Iterator[Found]:
    for event in run.all_events:
        kind = _FORBIDDEN.get(event.op)
        if kind is not None:
            made = event.arguments.get("class", "one")
            yield Found(
                message=f"`{run.statement(event)}` makes an object of the class `{made}`, which is {kind}.",
                line=run.line(event),
                evidence={"class": made, "kind": kind},
            )
            return
