"""A parameter is changed through its ``.data``."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import arguments_in
from grader.records import Event

PITFALL = Pitfall(
    title="A parameter is changed through `.data`",
    section="no_grad",
    rubric="no-grad",
    severity="warning",
    what="`w.data` is the parameter's memory behind autograd's back: what is done to it is not noticed.",
    why=(
        "It works here. Where the old value is still needed for a backward pass, autograd cannot notice that"
        " it changed, and computes a wrong gradient without a word."
    ),
    mend="Write `with torch.no_grad(): w -= lr * w.grad`: the same, and autograd keeps count of it.",
    see_also="Turning autograd off: no_grad and friends",
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
        w.data -= lr * w.grad  # <- data-attribute-update
        b.data -= lr * b.grad
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
        loss.backward()
        with torch.no_grad():
            w.data = w - lr * w.grad  # <- data-attribute-update
            b.data = b - lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="assigned",
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
        w.grad.data.zero_()
        b.grad.data.zero_()
    return w, b
""",
            note="the .data of a gradient",
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
        if step % 50 == 0:
            print(w.data, b.data)
    return w, b
""",
            note="only looked at",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    w.data.fill_(0.5)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a start value, before there is a graph",
        ),
    ),
)

_MESSAGE = "`{}` changes the parameter through `.data`, unnoticed by autograd."


def find(run: Evidence) -> Iterator[Found]:
    event = next((e for e in run.events if e.after >= 1 and _is_through_data(run, e)), None)
    if event is None:
        return
    yield Found(
        message=_MESSAGE.format(run.statement(event)),
        line=run.line(event),
        step=event.after,
        evidence={"call": event.op},
    )


def _is_through_data(run: Evidence, event: Event) -> bool:
    in_place = event.op.endswith("_") and not event.op.endswith("__")
    if not (in_place or event.op == "Tensor.data.__set__") or not event.inputs or event.raised:
        return False
    target = event.inputs[0]
    if not run.lineage.is_parameter(target) or run.lineage.is_gradient(target):
        return False
    if not in_place:
        return target.leaf
    birth = run.lineage.birth_of(target.id)
    return birth is not None and birth.op == "Tensor.data.__get__"


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    given = arguments_in(run)
    for event in run.events:
        target = event.inputs[0] if event.inputs and not event.raised else None
        birth = run.lineage.birth_of(target.id) if target is not None else None
        through = birth is not None and birth.op == "Tensor.data.__get__" and birth.inputs[0].id in given
        in_place = event.op.endswith("_") and not event.op.endswith("__")
        replaced = event.op == "Tensor.data.__set__" and target is not None and target.id in given
        parameter = birth.inputs[0] if through and birth else target
        if ((through and in_place) or replaced) and parameter and parameter.requires_grad:
            yield Found(
                message=_MESSAGE.format(run.statement(event)),
                line=run.line(event),
                evidence={"call": event.op},
            )
            return
