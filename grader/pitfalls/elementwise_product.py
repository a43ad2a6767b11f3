"""``*`` where a matrix product was meant."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import SMALL, Evidence, FitEvidence
from grader.neutralising import at, calls_at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Event, Intervention, TensorView
from grader.words import first_line, shape

PITFALL = Pitfall(
    title="`*` multiplied element by element where `@` was meant",
    section="tensors",
    rubric="coefficients",
    what=(
        "`A * v` multiplies each element of A with one of v, and returns a matrix. `A @ v` adds up each row"
        " as well: the matrix-vector product."
    ),
    why="The prediction keeps a dimension too many: it fails against the targets, or is broadcast to them.",
    mend="Write `A @ v`, or sum over the last dimension: `(A * v).sum(dim=1)`.",
    explains=("wrong-shape", *EXCEPTION, *POOR_FIT, "non-scalar-backward", "silent-broadcast"),
    see_also="Tensor operations and broadcasting",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    design = torch.stack([x, torch.ones_like(x)], dim=1)
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        y_hat = design * p  # <- elementwise-product
        loss = ((y_hat - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="the targets do not fit",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    design = torch.stack([x ** 2, x, torch.ones_like(x)], dim=1)
    p = torch.zeros(3, requires_grad=True)
    for step in range(steps):
        y_hat = torch.mul(design, p)  # <- elementwise-product
        loss = ((y_hat - y[:, None]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            exercise="quadratic",
            note="silent: each column is fitted to the targets by itself",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    design = torch.stack([x, torch.ones_like(x)], dim=1)
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        loss = ((design @ p - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    design = torch.stack([x, torch.ones_like(x)], dim=1)
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        loss = (((design * p).sum(dim=1) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="multiplied and summed",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    design = torch.stack([x, torch.ones_like(x)], dim=1)
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        terms = design * p
        loss = ((terms[:, 0] + terms[:, 1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="the columns added by hand",
        ),
    ),
)

_PRODUCTS = frozenset({"Tensor.mul", "torch.mul", "torch.multiply", "Tensor.multiply", "Tensor.__rmul__"})


def find(run: FitEvidence) -> Iterator[Found]:
    points = run.fit.points
    if points is None or run.is_right:
        return
    refused = run.raising_event
    if refused is not None and refused.op in _PRODUCTS and _is_matrix_with_parameters(refused, points):
        yield _refused(run, refused)
        return
    for event in run.events:
        if event.op in _PRODUCTS and event.outputs and _is_matrix_with_parameters(event, points):
            meeting = _meets_targets(run, event.outputs[0], points)
            if meeting is not None:
                yield _found(run, event, meeting)
                return


def _is_matrix_with_parameters(event: Event, points: int) -> bool:
    if len(event.inputs) < 2:
        return False
    small = [view for view in event.inputs if 1 < view.numel <= SMALL and view.requires_grad]
    large = [view for view in event.inputs if view.numel > points and not view.requires_grad]
    return bool(small and large) and large[0].numel == small[0].numel * points


def _meets_targets(run: FitEvidence, product: TensorView, points: int) -> Event | None:
    """The call that combined the product, its dimension still there, with one number a data point."""
    for event in run.lineage.uses(product):
        others = [view for view in event.inputs if view.id != product.id]
        if any(view.numel == points and not view.requires_grad for view in others):
            return event
    return None


def _refused(run: FitEvidence, event: Event) -> Found:
    one, other = event.inputs[0], event.inputs[1]
    said = first_line((event.raised or "").partition(": ")[2])
    return Found(
        message=(
            f"`{run.expression(event) or run.statement(event)}` was to multiply {shape(one.shape)} with"
            f' {shape(other.shape)} element by element: "{said}". The matrix product of the two is `@`.'
        ),
        line=run.line(event),
        step=event.after + 1,
        evidence={"left": list(one.shape), "right": list(other.shape), "torch": event.raised},
    )


def _found(run: FitEvidence, event: Event, meeting: Event) -> Found:
    product = event.outputs[0]
    one, other = event.inputs[0], event.inputs[1]
    target = next(view for view in meeting.inputs if view.id != product.id)
    return Found(
        message=(
            f"`{run.expression(event) or run.statement(event)}` multiplied {shape(one.shape)} with"
            f" {shape(other.shape)} element by element: the result has shape {shape(product.shape)}, and met"
            f" targets of shape {shape(target.shape)}. The matrix product has shape ({run.fit.points},)."
        ),
        line=run.line(event),
        step=event.after + 1,
        evidence={
            "left": list(one.shape),
            "right": list(other.shape),
            "result": list(product.shape),
            "targets": list(target.shape),
        },
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """A matrix and a vector, multiplied element by element where their matrix product was asked for."""
    if run.is_right or run.entry.returns != ("prediction",):
        return
    for event in run.events:
        if event.op not in _PRODUCTS or len(event.inputs) < 2:
            continue
        matrix, vector = sorted(event.inputs[:2], key=lambda view: -len(view.shape))
        if len(matrix.shape) != 2 or matrix.shape[-1] != vector.numel or _is_summed(run, event):
            continue
        result = f"the result has shape {shape(event.outputs[0].shape)}" if event.outputs else "torch refused"
        one, other = event.inputs[0].shape, event.inputs[1].shape
        yield Found(
            message=(
                f"`{run.expression(event) or run.statement(event)}` multiplied {shape(one)} with"
                f" {shape(other)} element by element: {result}. The matrix product multiplies"
                f" and sums, and has shape ({matrix.shape[0]},)."
            ),
            line=run.line(event),
            evidence={"left": list(one), "right": list(other)},
        )
        return


def _is_summed(run: CallEvidence, product: Event) -> bool:
    """Whether the products were added up afterwards, rightly or not: then they were meant."""
    if not product.outputs:
        return False
    whole, made = product.outputs[0], run.lineage.descendants(product)
    later = (e for e in run.events_of(run.call_of(product)) if e.index > product.index)
    return any(view.id in made and _is_less(view, whole) for e in later for view in e.outputs)


def _is_less(view: TensorView, whole: TensorView) -> bool:
    return len(view.shape) < len(whole.shape) or view.numel < whole.numel


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Multiply as matrix and vector."""
    yield from at("matrix-product", run, calls_at(run, found))
    yield Intervention(kind="align")
