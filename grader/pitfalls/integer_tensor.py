"""An integer tensor where a float is needed."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers import answers
from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.neutralising import at, calls_at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import wrong_dtype
from grader.pitfalls._clash import clash_with
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Event, Intervention
from grader.words import first_line

PITFALL = Pitfall(
    title="A tensor of integers stands where floats are needed",
    section="tensors",
    rubric="shapes-and-dtypes",
    what=(
        "`torch.tensor` takes its dtype from what it is given: `torch.tensor(0)` is int64,"
        " `torch.tensor(0.0)` is float32."
    ),
    why=(
        "Integers have no gradient: torch refuses to let them require grad, and cannot write fractions"
        " into them."
    ),
    mend="Write a float, `torch.tensor([0.0])`, or say `dtype=torch.float32`.",
    explains=("wrong-dtype", *EXCEPTION, *NO_TRAINING, "missing-requires-grad", "double-precision"),
    see_also="Autograd: the computation graph, rule 3 (only float tensors can require grad)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.tensor([1], requires_grad=True)  # <- integer-tensor
    b = torch.tensor([0], requires_grad=True)
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
    w = torch.arange(1, 2)  # <- integer-tensor
    b = torch.zeros(1)
    w.requires_grad_()
    b.requires_grad_()
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="arange counts in integers",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.tensor([1.0], requires_grad=True)
    b = torch.tensor([0.0], requires_grad=True)
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
    w = torch.tensor([1]).float().requires_grad_()
    b = torch.tensor([0], dtype=torch.float32, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="integers, converted before they are parameters",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    powers = torch.tensor([1, 0])
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        loss = (((x[:, None] ** powers) @ p - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="integers as exponents",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    event = run.raising_event
    clash = clash_with(run, ("int", "uint", "bool"))
    if clash is not None:
        yield clash
        return
    if event is not None and _is_about_integers(event):
        yield _refused(run, event)
        return
    cut = _truncated(run)
    if cut is not None:
        yield cut
        return
    for answer in answers(run):
        if _is_integer(answer.view.dtype):
            yield Found(
                message=f"`{answer.name}` is {answer.view.dtype}; a fitted parameter is float32.",
                line=answer.line,
                evidence={"dtype": answer.view.dtype, "value": answer.view.values},
            )
            return


def _truncated(run: FitEvidence) -> Found | None:
    """Data that were made integers on the way, their fractions lost."""
    if run.is_right or not run.returned_normally or run.fit.points is None:
        return None
    for event in run.events:
        if not event.inputs or not event.outputs or run.pass_count == 0:
            continue
        before, after = event.inputs[0], event.outputs[0]
        whole = before.numel == after.numel == run.fit.points
        converted = whole and before.dtype.startswith("float")
        into_loss = any(any(v.requires_grad for v in use.outputs) for use in run.lineage.uses(after))
        if converted and _is_integer(after.dtype) and after.dtype != "bool" and into_loss:
            return Found(
                message=(
                    f"`{run.statement(event)}` made {after.dtype} of {before.dtype} data: what came after the"
                    " decimal point of each value is gone, and the fit is one of the rest."
                ),
                line=run.line(event),
                evidence={"from": before.dtype, "to": after.dtype, "elements": after.numel},
            )
    return None


def _is_about_integers(event: Event) -> bool:
    raised = event.raised or ""
    refused = "floating point" in raised and "gradient" in raised
    cast = "can't be cast" in raised and any(_is_integer(view.dtype) for view in event.inputs[:1])
    return refused or cast


def _is_integer(dtype: str) -> bool:
    return dtype.startswith(("int", "uint")) or dtype == "bool"


def _refused(run: Evidence, event: Event) -> Found:
    made = event
    if event.inputs:
        made = run.lineage.birth(event.inputs[0]) or event
    dtype = event.inputs[0].dtype if event.inputs else "int64"
    return Found(
        message=(
            f"`{run.statement(made)}` makes a tensor of integers ({dtype}), and torch refused to"
            f' compute with it: "{first_line((event.raised or "").partition(": ")[2])}".'
        ),
        line=run.line(made),
        step=max(1, event.after),
        evidence={"dtype": dtype, "torch": event.raised},
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    clash = clash_with(run, ("int", "uint", "bool"))
    event = run.raising_event
    if clash is not None:
        yield clash
    elif event is not None and _is_about_integers(event):
        yield _refused(run, event)
    else:
        yield from _in_the_place_of_floats(run)


def _in_the_place_of_floats(run: CallEvidence) -> Iterator[Found]:
    wanted_floats = [off for off in run.about("dtype") if off.difference.wanted.startswith("float")]
    if wanted_floats:
        yield from wrong_dtype(
            run,
            ("int", "uint", "bool"),
            fix="Say `dtype=torch.float32`: of ints alone, `torch.tensor` makes integers.",
            why="Integers have no fractions and no gradient, and a matrix product does not take both.",
        )


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make float32 of what is made there, and of what is told to require grad."""
    if isinstance(run, FitEvidence):
        yield from at("as-float32", run, calls_at(run, found))
        yield Intervention(kind="float32-parameters")
