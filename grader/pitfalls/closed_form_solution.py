"""The parameters were solved for, not trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.answers import answers
from grader.evidence import SMALL, FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.records import Event, TensorView
from grader.words import fitted

PITFALL = Pitfall(
    title="The parameters were solved for, not trained by autograd",
    section="training",
    rubric="coefficients",
    what=(
        "A least-squares solver, the normal equations, or a derivative worked out by hand gave the"
        " parameters: autograd made none of them."
    ),
    why="It works for a line. The models that this loop prepares for have no formula to solve.",
    mend="Compute the loss from the parameters, call `backward()` on it, and step along `.grad`.",
    explains=(
        "missing-backward",
        "missing-requires-grad",
        "non-leaf-parameter",
        "wrong-shape",
        "wrong-return",
        "double-precision",
        "forbidden-api",
        "inaccurate-result",
    ),
    blocks=("gradient-zeroing", "no-grad", "leaf-status", "shapes-and-dtypes", "devices"),
    see_also="Capstone: gradient descent",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    design = torch.stack([x, torch.ones_like(x)], dim=1)
    solution = torch.linalg.lstsq(design, y[:, None]).solution  # <- closed-form-solution
    w = solution[0].clone().requires_grad_()
    b = solution[1].clone().requires_grad_()
    return w, b
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    with torch.no_grad():
        for step in range(steps):
            error = w * x + b - y
            w -= lr * 2 * (error * x).mean()  # <- closed-form-solution
            b -= lr * 2 * error.mean()
    return w, b
""",
            note="descent along a derivative worked out by hand",
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
            by_hand = 2 * ((w * x + b - y) * x).mean()
            assert torch.allclose(w.grad, by_hand, atol=1e-4)
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the formula as a check",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    design = torch.stack([x, torch.ones_like(x)], dim=1)
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        loss = (design @ p - y).square().mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="a design matrix, trained",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = y.mean().reshape(1).clone().requires_grad_()
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a sensible start from the data, then training",
        ),
    ),
)

_SOLVERS = (
    "linalg.lstsq",
    "linalg.solve",
    "linalg.inv",
    "linalg.pinv",
    "linalg.solve_ex",
    "linalg.inv_ex",
    "linalg.qr",
    "linalg.svd",
    "linalg.cholesky",
    "linalg.lu_solve",
    "linalg.lu_factor",
    "linalg.solve_triangular",
    "torch.cholesky_solve",
    "torch.inverse",
    "torch.pinverse",
    "Tensor.inverse",
    "Tensor.pinverse",
    "Tensor.svd",
    "Tensor.qr",
    "torch.svd",
    "torch.qr",
    "torch.lu_solve",
    "torch.triangular_solve",
    "numpy.polyfit",
    "polynomial.polyfit",
    "lstsq",
)


def find(run: FitEvidence) -> Iterator[Found]:
    solver = _solver(run)
    if solver is not None:
        yield _found(run, solver, f"`{run.statement(solver)}` solves for the parameters")
        return
    if run.is_right and not run.pass_count and not run.uses_forward_mode:
        line = _assignment(run)
        yield Found(
            message=(
                f"{fitted(run.fit.names, run.recovered)} is right, but no backward pass was made in the"
                " whole run: autograd computed none of the gradients."
            ),
            line=line,
            evidence={"backward_passes": 0, "recovered": run.recovered},
        )
        return
    by_hand = _step_by_hand(run)
    if by_hand is not None:
        yield Found(
            message=(
                f"At step {by_hand.after} `{run.statement(by_hand)}` changed a parameter by what was made"
                f" from the data, and so at every step. Not one of the {run.pass_count} backward passes had a"
                " part in it: the gradients of autograd went unused."
            ),
            line=run.line(by_hand),
            step=by_hand.after,
            evidence={"backward_passes": run.pass_count, "recovered": run.recovered},
        )


def _step_by_hand(run: FitEvidence) -> Event | None:
    """The update of a run that came out right although none of its updates consumed a gradient of autograd's:
    they were made of numbers computed from the data."""
    if not run.is_right or run.pass_count < 2 or run.lineage.updates():
        return None
    steps = [e for e in run.events if 1 <= e.after <= 2 and _is_step_from_data(run, e)]
    seen = {event.after for event in steps}
    return steps[0] if seen == {1, 2} else None


def _is_step_from_data(run: FitEvidence, event: Event) -> bool:
    in_place = event.op.endswith("_") and not event.op.endswith("__") and len(event.inputs) > 1
    if not in_place or event.raised or not run.lineage.is_parameter(event.inputs[0]):
        return False
    used = event.inputs[1]
    return not run.lineage.is_gradient(used) and _last_reduction(run, used) is not None


def _solver(run: FitEvidence) -> Event | None:
    return next((e for e in run.events if e.op.endswith(_SOLVERS) and _matters(run, e)), None)


def compare(runs: Sequence[FitEvidence]) -> Iterator[Found]:
    """Training that began at the answer each time, on data that were never seen before."""
    trained = [
        run for run in runs if run.is_right and run.pass_count and not run.is_script and not run.repeat
    ]
    if any(_solver(run) for run in trained):
        return
    if len(trained) < 2 or not all(_began_at_the_answer(run) for run in trained):
        return
    first = trained[0]
    yield Found(
        message=(
            f"Training began at {fitted(first.fit.names, _start(first))} and ended at"
            f" {fitted(first.fit.names, first.recovered)}, and so in each of {len(trained)} runs on"
            " different data: the answer was there before the first step."
        ),
        line=_made(first),
        evidence={"starts": [_start(run) for run in trained], "best": [r.fit.expected for r in trained]},
    )


def _start(run: FitEvidence) -> tuple[float, ...]:
    """The parameters at the first backward pass."""
    states = [step.state.value for slot in run.slots for step in run.steps_of(slot)[:1]]
    return tuple(number for values in states if values for number in values)


def _began_at_the_answer(run: FitEvidence) -> bool:
    start = _start(run)
    if len(start) != run.fit.size:
        return False
    return all(abs(a - b) < run.fit.tolerance for a, b in zip(start, run.fit.expected, strict=True))


def _made(run: FitEvidence) -> int | None:
    found = answers(run)
    return found[0].line if found else None


def _matters(run: FitEvidence, solver: Event) -> bool:
    """Whether what a solver gave can be in the answer: it ran before training ended, or the answer was
    computed from it. A solution that training is only compared with is none of its business."""
    if solver.after < run.pass_count or not run.pass_count:
        return True
    made = run.lineage.descendants(solver)
    into_parameter = any(
        any(view.id in made for view in event.inputs[1:]) and run.lineage.is_parameter(event.inputs[0])
        for event in run.events
        if event.index > solver.index and event.op.endswith("_")
    )
    return into_parameter or any(view.id in made for view in run.answer_tensors)


def _found(run: FitEvidence, event: Event, seen: str) -> Found:
    return Found(
        message=(
            f"{seen}: {fitted(run.fit.names, run.recovered)} came of it, with"
            f" {run.pass_count} backward passes in the run."
        ),
        line=run.line(event),
        evidence={"call": event.op, "backward_passes": run.pass_count},
    )


def _assignment(run: FitEvidence) -> int | None:
    """The line where the data were turned into the step, else the one that made the first parameter."""
    found = answers(run)
    for answer in found:
        for event in run.events:
            target = event.inputs[0] if event.inputs else None
            changed = target is not None and target.storage == answer.view.storage
            if changed and event.op.endswith("_") and not event.op.endswith("requires_grad_"):
                return run.line(_difference(run, event) or _reduction(run, event) or event)
    reductions = [run.line(_last_reduction(run, answer.view)) for answer in found]
    return next((line for line in [*reductions, _looped(run)] if line), found[0].line if found else None)


def _looped(run: FitEvidence) -> int | None:
    """The first line that makes a few numbers of the data again and again."""
    for event in run.events:
        took = any(given.numel > SMALL for given in event.inputs)
        if event.visit and took and all(made.numel <= SMALL for made in event.outputs):
            return run.line(event)
    return None


def _reduction(run: FitEvidence, update: Event) -> Event | None:
    """The last call on the way to an update that made a few numbers of the data."""
    return next(filter(None, (_last_reduction(run, view) for view in update.inputs[1:])), None)


def _difference(run: FitEvidence, update: Event) -> Event | None:
    """The last call on the way to an update that combined two results of one expression: the loss here and
    the loss a little further on."""
    for view in update.inputs[1:]:
        for event in run.lineage.ancestors(view):
            births = [_last_reduction(run, given) for given in event.inputs if given.numel <= SMALL]
            sites = [birth.site for birth in births if birth is not None]
            if len(sites) == 2 and sites[0] == sites[1] and births[0] is not births[1]:
                return event
    return None


def _last_reduction(run: FitEvidence, view: TensorView) -> Event | None:
    for event in run.lineage.ancestors(view):
        took = any(given.numel > SMALL for given in event.inputs)
        if took and all(made.numel <= SMALL for made in event.outputs):
            return event
    return None
