"""A parameter is moved after it was told to require grad: what comes back is no leaf."""

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
    title="A parameter was moved after `requires_grad=True`",
    section="devices",
    rubric="leaf-status",
    what=(
        "`.to(…)` and `.cuda()` are operations, and autograd records them: of a tensor that requires grad"
        " they return a result of the graph, and no leaf."
    ),
    why=(
        "`backward()` fills the `.grad` of the tensor that was moved, which nobody holds any more; that of"
        " the result stays None. On a machine where nothing has to be moved, it does not show."
    ),
    mend="Make the parameter on its device: `torch.randn(1, device=x.device, requires_grad=True)`.",
    explains=(
        *EXCEPTION,
        *NO_TRAINING,
        "non-leaf-parameter",
        "repeated-backward",
        "wrong-shape",
        "double-precision",
        "wrong-dtype",
    ),
    see_also="Capstone, the device-portable version",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True).to(x.device, copy=True)  # <- moved-leaf
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="copy=True makes it show on every machine",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = [torch.zeros(1, requires_grad=True) for _ in range(3)]
    p = [t.to(x.device, copy=True) for t in p]  # <- moved-leaf
    for step in range(steps):
        loss = ((p[0] * x ** 2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for t in p:
                t -= lr * t.grad
                t.grad = None
    return tuple(p)
""",
            exercise="quadratic",
            note="all of them at once",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True).to(x.device)  # <- moved-leaf
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            device="sim",
            note="as it is mostly written: it shows where the data are on an accelerator",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="born there",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1).to(x.device).requires_grad_()
    b = torch.zeros(1).to(x.device).requires_grad_()
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="moved first",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    w = w.detach().to(x.device, copy=True).requires_grad_()
    b = torch.zeros_like(w, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="detached before the move",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    made = made_non_leaf(run)
    if made is None or made.birth is None or not is_move(made.birth):
        return
    yield _told(run, made)


def _told(run: Evidence, made: NonLeaf) -> Found:
    after = made.birth.outputs[0] if made.birth else made.view
    before = made.birth.inputs[0] if made.birth else made.view
    return Found(
        message=(
            f"`{run.statement(made.birth)}` moved a tensor that required grad already: `{made.name}` is what"
            f" came back (grad_fn={after.grad_fn}, is_leaf=False), and {made.noticed}."
        ),
        line=run.line(made.birth),
        step=1,
        evidence={
            "parameter": made.name,
            "grad_fn": after.grad_fn,
            "is_leaf": False,
            "from": before.device,
            "to": after.device,
        },
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    for off in run.about("leaf"):
        birth = run.maker(off.difference.value)
        if is_move(birth):
            yield Found(
                message=(
                    f"`{run.statement(birth)}` moved a tensor that required grad already. {differs(run, off)}"
                    " Its `.grad` will stay None."
                ),
                line=run.line(birth),
                evidence=evidence_of(run, off),
            )
            return
    made = asked_in_vain(run)
    if made is not None and is_move(made.birth):
        yield _told(run, made)


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make a leaf of what the move made."""
    yield from leaves_again(run, found)
