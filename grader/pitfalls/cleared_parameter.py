"""The parameter is cleared in the place of its gradient."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.lineage import GRADIENT_READ, GRADIENT_SET
from grader.neutralising import at, calls_at, writes
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import arguments_in
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Event, Intervention
from grader.words import first_line, numbers

PITFALL = Pitfall(
    title="The parameter was cleared instead of its gradient",
    section="zeroing",
    rubric="gradient-zeroing",
    what="`w.zero_()` or `w = None` empties the parameter. The gradient is `w.grad`.",
    why="What the step has just learnt is wiped out, and the gradient stays where it was.",
    mend="Clear the gradient: `w.grad = None`, or `w.grad.zero_()`.",
    explains=(
        *EXCEPTION,
        *POOR_FIT,
        "stale-gradient",
        "unapplied-update",
        "data-attribute-update",
        "parameters-reset",
        "gradient-ascent",
        "wrong-update",
        "hardcoded-answer",
    ),
    see_also="Autograd: the computation graph, rule 2",
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
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
            w.zero_()  # <- cleared-parameter
            b.zero_()
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
            w -= lr * w.grad
            b -= lr * b.grad
        w = b = None  # <- cleared-parameter
    return w, b
""",
            note="the name is bound to None",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.randn(1, requires_grad=True)
    with torch.no_grad():
        w.zero_()
        b.zero_()
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad.zero_()
        b.grad.zero_()
    return w, b
""",
            note="a start at zero",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    step_w, step_b = torch.zeros(1), torch.zeros(1)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            step_w += lr * w.grad
            step_b += lr * b.grad
            w -= step_w
            b -= step_b
        step_w.zero_()
        step_b.zero_()
        w.grad = b.grad = None
    return w, b
""",
            note="a buffer is cleared",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    loss = None
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
        loss = None
    return w, b
""",
            note="another name is bound to None",
        ),
    ),
)

_LOOKS = ("Tensor.data.__get__", "Tensor.detach")
_EMPTYING = ("zero_", "fill_", "mul_", "copy_", "__setitem__", "set_", "data.__set__")


def find(run: FitEvidence) -> Iterator[Found]:
    event = next((e for e in run.events if e.after >= 1 and _empties_parameter(run, e)), None)
    if event is not None and not run.is_right:
        yield _emptied(run, event)
    elif run.trace is not None and run.trace.none_names and run.raised is not None:
        yield from _unbound(run, run.trace.none_names[0])


def _empties_parameter(run: FitEvidence, event: Event) -> bool:
    if not event.op.endswith(_EMPTYING) or event.op in (GRADIENT_READ, GRADIENT_SET) or event.raised:
        return False
    target = event.inputs[0] if event.inputs else None
    if target is None or run.lineage.is_gradient(target) or not run.lineage.is_parameter(target):
        return False
    if any(map(run.lineage.is_gradient, event.inputs[1:])):
        return False  # an update, whatever it came to
    after = event.inputs[1].values if event.op.endswith("data.__set__") else _after(run, event)
    return after is not None and not any(after) and bool(target.values) and any(target.values or ())


def _after(run: Evidence, event: Event) -> tuple[float, ...] | None:
    """What a call left in its target: what it returned, else what the next call found there."""
    if event.outputs:
        return event.outputs[0].values
    uses = run.lineage.uses(event.inputs[0], event.index)
    return next((v.values for use in uses[:1] for v in use.inputs if v.id == event.inputs[0].id), None)


def _emptied(run: FitEvidence, event: Event) -> Found:
    target = event.inputs[0]
    name = run.call_it(target, "the parameter")
    return Found(
        message=(
            f"At step {event.after} `{run.statement(event)}` set the parameter itself to zero: `{name}` had"
            f" just come to {numbers(target.values)}, and was 0 after it."
        ),
        line=run.line(event),
        step=event.after,
        evidence={"parameter": name, "before": target.values, "call": event.op},
    )


def _unbound(run: FitEvidence, name: str) -> Iterator[Found]:
    line = run.source.binds_none(name)
    if line is None:
        return
    said = first_line(run.raised.message) if run.raised else ""
    yield Found(
        message=(
            f"After step {run.pass_count} `{name}` was None: the name of the parameter was bound to None"
            f' instead of clearing `{name}.grad`. The next use of it failed: "{said}".'
        ),
        line=line,
        step=run.pass_count,
        evidence={"parameter": name, "python": run.raised.message if run.raised else ""},
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    event = next((e for e in run.events if _empties_an_argument(run, e)), None)
    if event is not None and not run.is_right:
        target = event.inputs[0]
        name = run.call_it(target, "the parameter")
        yield Found(
            message=(
                f"In `{run.asked(run.call_of(event))}`, `{run.statement(event)}` set the parameter itself to"
                f" zero: `{name}` was {numbers(target.values)}, and 0 after it."
            ),
            line=run.line(event),
            evidence={"parameter": name, "before": target.values, "call": event.op},
        )


def _empties_an_argument(run: CallEvidence, event: Event) -> bool:
    if not event.inputs or event.raised or not event.op.endswith(_EMPTYING):
        return False
    target = event.inputs[0]
    birth = run.lineage.birth_of(target.id)
    alias = birth is not None and birth.op in _LOOKS and birth.inputs[0].numel == target.numel
    number = birth.inputs[0].id if alias and birth else target.id
    if number not in arguments_in(run) or event.op in (GRADIENT_READ, GRADIENT_SET):
        return False
    after = event.inputs[1].values if event.op.endswith("data.__set__") else _after(run, event)
    return after is not None and not any(after) and any(target.values or ())


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Leave the parameter alone, and clear its gradient."""
    wiped = [e for e in calls_at(run, found) if writes(e) and run.lineage.is_parameter(e.inputs[0])]
    same = [e for e in run.events if wiped and e.op == wiped[0].op and run.lineage.is_parameter(e.inputs[0])]
    if same and isinstance(run, FitEvidence):
        yield from at("hand-through", run, same)
        yield Intervention(kind="clear-stale")
