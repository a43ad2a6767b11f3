"""One graph is walked twice."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Backward, Event, Intervention
from grader.words import first_line

PITFALL = Pitfall(
    title="`backward()` walked the same graph twice",
    section="autograd",
    rubric="gradient-zeroing",
    what=(
        "A graph is made by one forward pass, for one backward pass. Here a second pass went over a graph"
        " that had been walked already."
    ),
    why=(
        "Torch frees a graph's memory on the way and raises a RuntimeError. With `retain_graph=True` it"
        " does not raise, and the gradient of the same old forward pass is added once more."
    ),
    mend="Compute the loss anew in each step, and call `backward()` on it once.",
    explains=(
        *EXCEPTION,
        *POOR_FIT,
        "missing-backward",
        "stale-gradient",
        "wrong-update",
        "gradient-ascent",
    ),
    see_also="Autograd: the computation graph (the graph is then freed)",
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
        loss.backward()  # <- repeated-backward
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
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    loss = ((w * x + b - y) ** 2).mean()  # <- repeated-backward
    for step in range(steps):
        loss.backward(retain_graph=True)
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the forward pass stands before the loop; the flag hides it",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        (gw,) = torch.autograd.grad(loss, w, retain_graph=True)
        (gb,) = torch.autograd.grad(loss, b)  # <- repeated-backward
        with torch.no_grad():
            w -= lr * gw
            b -= lr * gb
    return w, b
""",
            note="one loss, asked for one gradient after the other",
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
        loss.backward(retain_graph=True)
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the flag alone is no mistake",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    half = len(x) // 2
    for step in range(steps):
        squares = (w * x + b - y) ** 2
        (squares[:half].sum() / len(x)).backward(retain_graph=True)
        (squares[half:].sum() / len(x)).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="two losses that share a part of the graph",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    theta = torch.zeros(2, requires_grad=True)
    w, b = theta[:1], theta[1:]
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta
""",
            note="views that were made once, and look at what the leaf is now",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    again = _raised(run) or _hidden(run)
    if again is None:
        return
    made = _made_before(run, again)
    yield Found(
        message=f"At pass {again.step} {_seen(run, again, made)}",
        line=run.line(made) if made else run.line(again),
        step=again.step,
        evidence={
            "retain_graph": again.retain_graph,
            "loss": again.loss.values if again.loss else None,
            "torch": again.raised,
        },
        fix=_fix(run, again, made),
    )


def _raised(run: Evidence) -> Backward | None:
    failed = run.raising_pass
    said = "backward through the graph a second time" in (failed.raised or "") if failed else False
    return failed if said else None


def _hidden(run: Evidence) -> Backward | None:
    """A pass from the very tensor that an earlier pass began at, or over what an earlier one had walked and
    that was computed from parameters which have been moved since."""
    for before, after in zip(run.passes, run.passes[1:], strict=False):
        if after.step != before.step + 1 or before.loss is None or after.loss is None:
            continue
        same = before.loss.id == after.loss.id and before.loss.grad_fn is not None
        if same or _walks_an_old_forward(run, before, after) or _takes_up(run, before, after):
            return after
    return None


def _takes_up(run: Evidence, before: Backward, after: Backward) -> bool:
    """Whether the loss of one pass went into that of the next, in a function that answered wrongly: its
    gradient was added twice."""
    if run.is_right or not isinstance(run, CallEvidence) or before.loss is None or after.loss is None:
        return False
    walked = before.kind == after.kind == "backward" and before.loss.grad_fn is not None
    way = run.lineage.ancestors(after.loss)
    return walked and any(view.id == before.loss.id for event in way for view in event.inputs)


def _walks_an_old_forward(run: Evidence, before: Backward, after: Backward) -> bool:
    """Whether a pass went over what was computed from a parameter before it was last moved, and was walked
    by an earlier pass already."""
    if after.loss is None:
        return False
    asked = {state.slot for state in before.slots}
    moved = {s.tensor for s in after.slots if s.slot in asked and any(s.delta or ())}
    way = run.lineage.ancestors(after.loss)
    return any(event.after < before.step and _computes_from(event, moved) for event in way)


def _computes_from(event: Event, tensors: set[int]) -> bool:
    """Whether a recorded call made something new of one of these tensors; a look at its memory is none."""
    given = [view for view in event.inputs if view.id in tensors]
    memory = {view.storage for view in given}
    made = [view for view in event.outputs if view.grad_fn and view.storage not in memory]
    return bool(given and made)


def _made_before(run: Evidence, again: Backward) -> Event | None:
    """Where the walked graph was made, if that was before the loop: the same line walked it both times."""
    first = run.passes[0]
    if again is first or again.site != first.site or again.loss is None:
        return None
    old = [e for e in run.events if e.after == 0 and e.index < first.event and _is_outside(run, e, again)]
    recorded = [e for e in old if any(view.grad_fn for view in e.outputs)]
    if again.loss.id == (first.loss.id if first.loss else None):
        births = [e for e in recorded if any(view.id == again.loss.id for view in e.outputs)]
        return births[-1] if births else None
    shared = {view.id for e in run.forward_of(again) for view in e.inputs}
    kept = [e for e in recorded if any(view.id in shared for view in e.outputs)]
    return kept[-1] if kept else None


def _is_outside(run: Evidence, event: Event, again: Backward) -> bool:
    """Whether a call was made once, and not in a loop that the pass is in."""
    site = run.site(event.site)
    return site is None or (site.visits == 1 and not run.source.share_a_loop(again.stack, site.line))


def _seen(run: Evidence, again: Backward, made: Event | None) -> str:
    statement = run.statement(again)
    if made is not None:
        what = f"`{statement}` walked the graph that `{run.statement(made)}` had made before the first pass"
    else:
        what = f"`{statement}` walked a graph that had been walked already"
    if again.raised:
        return f'{what}, and torch stopped: "{first_line(again.raised.partition(": ")[2], 100)}".'
    kept = "; retain_graph=True kept it" if any(p.retain_graph for p in run.passes[:2]) else ""
    if _asks_for_others(run, again):
        return f"{what}{kept}. One walk computes the gradients of all the parameters."
    if isinstance(run, CallEvidence) and not _is_same_loss(run, again):
        return f"{what}{kept}: the loss of the pass before is part of this one, and was differentiated again."
    if not _is_same_loss(run, again):
        return f"{what}{kept}: part of this loss was computed from values that the parameters no longer have."
    return f"{what}{kept}: the same gradient was computed once more."


def _is_same_loss(run: Evidence, again: Backward) -> bool:
    earlier = [p.loss.id for p in run.passes if p.step < again.step and p.loss]
    return again.loss is not None and again.loss.id in earlier


def _asks_for_others(run: Evidence, again: Backward) -> bool:
    """Whether the walk before this one, from the same loss, was made for other parameters."""
    before = next((p for p in run.passes if p.step == again.step - 1), None)
    slots = {state.slot for state in before.slots} if before else set()
    return before is not None and not slots & {state.slot for state in again.slots}


def _fix(run: Evidence, again: Backward, made: Event | None) -> str | None:
    if made is not None:
        return "Move the forward pass into the loop, before `backward()`."
    if _asks_for_others(run, again):
        return "Ask once for all of them: `torch.autograd.grad(loss, params)` returns one gradient for each."
    return None


find_in_call = find


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Walk each graph once; let it be asked for one gradient after the other."""
    if isinstance(run, FitEvidence) and _walks_one_loss_twice(run):
        yield Intervention(kind="skip-repeated")


def _walks_one_loss_twice(run: FitEvidence) -> bool:
    """Whether one loss was walked again with the parameters where they were. Where they had moved, another
    forward pass is missing."""
    pairs = zip(run.passes, run.passes[1:], strict=False)
    same = [(a, b) for a, b in pairs if a.loss is not None and b.loss is not None and a.loss.id == b.loss.id]
    return bool(same) and not any(_moved_between(one, two) for one, two in same)


def _moved_between(one: Backward, two: Backward) -> bool:
    both = {state.slot for state in one.slots}
    return any(any(state.delta or ()) for state in two.slots if state.slot in both)
