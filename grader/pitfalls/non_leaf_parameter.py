"""A parameter is the result of an operation, so backward leaves nothing in its ``.grad``."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence
from grader.leaves import NonLeaf, asked_in_vain, is_move, leaves_again, made_non_leaf
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import differs, evidence_of
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Intervention

PITFALL = Pitfall(
    title="A parameter is not a leaf",
    section="autograd",
    rubric="leaf-status",
    what=(
        "A leaf is a tensor that was made directly. What an operation returns (`randn(…) * 0.1`, a"
        " reshape, an element of a packed vector) has a grad_fn and is no leaf."
    ),
    why="`backward()` fills the `.grad` of leaves only: that of the parameter stays None.",
    mend=(
        "Do the arithmetic first and turn the result into a leaf: `(torch.randn(1) * 0.1).requires_grad_()`."
    ),
    explains=(
        *EXCEPTION,
        *NO_TRAINING,
        "repeated-backward",
        "wrong-shape",
        "double-precision",
        "wrong-dtype",
    ),
    see_also="Autograd: the computation graph (leaf tensors)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True) * 0.1  # <- non-leaf-parameter
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

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p[0], p[1]  # <- non-leaf-parameter
""",
            note="elements of the leaf are handed back",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = (torch.randn(1) * 0.1).requires_grad_()
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
            note="arithmetic first",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    raw = torch.randn(2, requires_grad=True) * 0.1
    w, b = (t.detach().clone().reshape(1).requires_grad_() for t in raw)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="detached into leaves",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        w, b = p[0], p[1]
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="non-leaves inside the forward pass",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    made = made_non_leaf(run)
    if made is None or is_move(made.birth):
        return
    yield _told(run, made)


def _told(run: Evidence, made: NonLeaf) -> Found:
    return Found(
        message=(
            f"`{made.name}` is no leaf: `{run.statement(made.birth)}` made it by an operation"
            f" (grad_fn={made.view.grad_fn}, is_leaf=False), and {made.noticed}."
        ),
        line=run.line(made.birth),
        step=1,
        evidence={"parameter": made.name, "grad_fn": made.view.grad_fn, "is_leaf": False},
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    for off in run.about("leaf"):
        birth = run.maker(off.difference.value)
        if is_move(birth):
            continue
        yield Found(
            message=f"{differs(run, off)} `{run.statement(birth)}` made it by an operation.",
            line=run.line(birth) or run.return_line(),
            evidence=evidence_of(run, off),
        )
        return
    if any(True for _ in run.about("leaf")):
        return
    made = asked_in_vain(run)
    if made is not None and not is_move(made.birth):
        yield _told(run, made)


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make a leaf of what the operation made."""
    yield from leaves_again(run, found)
