"""A parameter's name is bound to a tensor that does not require grad: the next forward is not recorded."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence, Off
from grader.cut import failing
from grader.evidence import Evidence, FitEvidence
from grader.neutralising import at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import evidence_of
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.rebinding import Rebinding, rebindings, result_is_good
from grader.records import Event, Intervention
from grader.words import first_line

PITFALL = Pitfall(
    title="An update replaced the parameter by a tensor without `requires_grad`",
    section="no_grad",
    rubric="no-grad",
    what=(
        "Under `no_grad`, or from `.data` or `.detach()`, `w = w - lr * w.grad` makes a new tensor that"
        " autograd does not follow, and gives it the parameter's name."
    ),
    why="The next forward pass is not recorded, so there is nothing for the next `backward()` to walk.",
    mend=(
        "Change the parameter in place instead of making a new one: `w -= lr * w.grad` under"
        " `torch.no_grad()`."
    ),
    explains=(
        *EXCEPTION,
        *NO_TRAINING,
        "missing-requires-grad",
        "severed-graph",
        "untracked-forward",
        "non-leaf-parameter",
        "stale-gradient",
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
        with torch.no_grad():
            w = w - lr * w.grad  # <- lost-requires-grad
            b = b - lr * b.grad
    return w, b
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = [torch.zeros(1, requires_grad=True) for _ in range(3)]
    for step in range(steps):
        loss = ((p[0] * x ** 2 + p[1] * x + p[2] - y) ** 2).mean()
        loss.backward()
        for i in range(3):
            p[i] = p[i].data - lr * p[i].grad  # <- lost-requires-grad
    return tuple(p)
""",
            exercise="quadratic",
            note="elements of a list, through .data",
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
        with torch.no_grad():
            w = w - lr * w.grad
            b = b - lr * b.grad
        w.requires_grad_()
        b.requires_grad_()
    return w, b
""",
            note="told to require grad again",
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
            w[:] = w - lr * w.grad
            b[:] = b - lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the new numbers go into the same leaf",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.nn.Parameter(torch.zeros(1))
    b = torch.nn.Parameter(torch.zeros(1))
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w = torch.nn.Parameter(w - lr * w.grad)
            b = torch.nn.Parameter(b - lr * b.grad)
    return w, b
""",
            note="a new leaf that requires grad",
        ),
    ),
)

_SWITCHES = ("Tensor.requires_grad_", "Tensor.requires_grad.__set__", "Tensor.detach_")


def find(run: FitEvidence) -> Iterator[Found]:
    if result_is_good(run):
        return
    found = next((r for r in rebindings(run) if not r.result.requires_grad), None)
    if found is None:
        yield from _by_flag(run) or _by_name(run)
        return
    event = found.event
    how = "under no_grad" if not event.grad_enabled else "from a tensor cut off from the graph"
    yield Found(
        message=(
            f"At step {event.after} `{run.expression(event) or event.op}`, {how}, made a new tensor with"
            f" requires_grad=False that took the place of `{found.name}`: the forward pass of step"
            f" {event.after + 1} was not recorded. {_then(run)}"
        ),
        line=run.line(event),
        step=event.after,
        evidence={
            "parameter": found.name,
            "requires_grad": {"before": found.parameter.requires_grad, "after": False},
            "before": found.parameter.values,
            "after": found.result.values,
        },
        fix=_fix(found),
    )


def _by_flag(run: FitEvidence) -> list[Found]:
    """A parameter that was told to require grad no more, and not told otherwise before the next forward."""
    failed = failing(run)
    if failed is None or failed.step < 2:
        return []
    lost = {v.id: v for e in run.forward_of(failed) for v in e.inputs if not v.requires_grad}
    trained = {number for slot in run.slots for number in slot.tensors}
    for event in run.events:
        target = event.inputs[0] if event.op in _SWITCHES and event.inputs else None
        if target is not None and event.after >= 1 and target.id in trained & set(lost):
            return [_switched_off(run, event, run.call_it(target, "the parameter"), failed.step)]
    return []


def _switched_off(run: FitEvidence, event: Event, name: str, failed: int) -> Found:
    return Found(
        message=(
            f"At step {event.after} `{run.statement(event)}` made `{name}` a tensor that does not require"
            f" grad, and nothing undid it: the forward pass of step {failed} was not recorded. {_then(run)}"
        ),
        line=run.line(event),
        step=event.after,
        evidence={"parameter": name, "requires_grad": False, "call": event.op},
        fix=f"Leave the flag as it is, and change `{name}` in place under `torch.no_grad()`.",
    )


def _by_name(run: FitEvidence) -> Iterator[Found]:
    """A parameter's name that stands, after a step, for a tensor that does not require grad, however it came
    there (through NumPy, say)."""
    failed = failing(run)
    if failed is None or failed.step < 2:
        return
    names = {run.name_of(slot) for slot in run.slots}
    for event in run.forward_of(failed):
        for view in event.inputs:
            name, birth = run.call_it(view, ""), run.lineage.birth_of(view.id)
            if name in names and not view.requires_grad and birth is not None and birth.after >= 1:
                yield Found(
                    message=(
                        f"After step {birth.after} `{name}` stood for a new tensor with requires_grad=False,"
                        f" made by `{run.statement(birth)}`: the forward pass of step {failed.step} was not"
                        f" recorded. {_then(run)}"
                    ),
                    line=run.line(birth),
                    step=birth.after,
                    evidence={"parameter": name, "requires_grad": False, "after": view.values},
                )
                return


def _then(run: FitEvidence) -> str:
    if run.raised is None or not run.raised.message:
        return "Nothing was learnt from then on."
    return f'There it stopped: "{first_line(run.raised.message)}".'


def _fix(found: Rebinding) -> str:
    return (
        f"Keep `{found.name}` and change it in place under `torch.no_grad()`:"
        f" `{found.name} -= lr * {found.name}.grad`."
    )


_CHANGE_IT = "Change the tensor that was given, in place and under `torch.no_grad()`: `p -= lr * p.grad`."
_LEAVE_IT_ON = "Leave the flag as it is: under `with torch.no_grad():` nothing is recorded either."


def _flag_taken(run: CallEvidence, off: Off) -> Event | None:
    """The call that took the flag from the very tensor that was given."""
    view = off.difference.value.tensor
    for event in run.events_of(off.call):
        own = view is not None and any(given.id == view.id and given.requires_grad for given in event.inputs)
        if own and event.op in _SWITCHES:
            return event
    return None


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """What stands where a parameter was given does not require grad."""
    for off in (*run.left_off("identity"), *run.left_off("requires_grad")):
        view = off.difference.value.tensor
        if view is None or view.requires_grad:
            continue
        switched = _flag_taken(run, off)
        made = switched or run.maker(off.difference.value)
        what = "is" if switched or off.difference.what != "identity" else "stands for"
        because = f": `{run.statement(made)}` made it so" if made else ""
        yield Found(
            message=(
                f"After `{run.asked(off.call)}` `{off.difference.name}` {what} a tensor with"
                f" requires_grad=False{because}. The next forward pass will not be recorded."
            ),
            line=run.line(made) or run.source.definition(run.entry.name),
            evidence=evidence_of(run, off) | {"requires_grad": False},
            fix=_LEAVE_IT_ON if switched else _CHANGE_IT,
        )
        return


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make a leaf that requires grad of what takes a parameter's place; leave the flag alone."""
    if isinstance(run, FitEvidence):
        yield from at("new-leaf", run, (each.event for each in rebindings(run)))
        switched = [event for event in run.events if event.op in _SWITCHES and event.after >= 1]
        yield from at("hand-through", run, switched)
        if switched:
            yield Intervention(kind="update-unrecorded")
