"""The numbers are off, and no other pitfall says why."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence, Off
from grader.evidence import FitEvidence
from grader.motion import trained_numbers
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import differs, evidence_of, is_lost_gradient, permuted
from grader.words import fitted, listing, number

PITFALL = Pitfall(
    title="The numbers that came back are not the right ones",
    section="training",
    rubric="coefficients",
    what="The parameters that came back are too far from the least-squares solution of the data given.",
    why="A loop may run without an error and still minimise something else than the mean squared error.",
    mend=(
        "Check by hand, on three points, that the loss is the mean of the squared differences, and that"
        " the parameters are handed back in the order that was asked for."
    ),
    see_also="Capstone",
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
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return b, w  # <- inaccurate-result
""",
            note="in the wrong order",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):  # <- inaccurate-result
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean() + 0.3 * (w ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="another loss",
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
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return [w, b]
""",
            note="a list is as good as a tuple",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        error = y - (w * x + b)
        loss = torch.dot(error, error) / error.numel()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the same loss in other words",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean() + 1e-7 * (w ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="so little regularisation that it does not show",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    if not run.returned_normally or run.recovered is None or run.is_right:
        return
    names, best = run.fit.names, run.fit.expected
    loss, least = run.fit.loss(run.recovered), run.fit.loss(best)
    losses = ""
    if loss is not None and least is not None:
        losses = f" The mean squared error there is {number(loss)}; the least possible is {number(least)}."
    yield Found(
        message=(
            f"Your fit ended at {fitted(names, run.recovered)}; the least-squares solution of the same"
            f" data is {fitted(names, best)}.{losses}{_swapped(run)}{_other_tensors(run)}"
        ),
        line=_line(run),
        evidence={
            "recovered": run.recovered,
            "expected": best,
            "tolerance": run.fit.tolerance,
            "loss": loss,
            "least_loss": least,
        },
    )


def _other_tensors(run: FitEvidence) -> str:
    trained = trained_numbers(run)
    if sorted(trained) == sorted(run.recovered or ()) or not run.fit.is_met_by(trained):
        return ""
    return (
        f" The parameters that were trained did come to {fitted(run.fit.names, trained)}: what was handed"
        " back is something else."
    )


def _line(run: FitEvidence) -> int | None:
    entry = run.request.entry or ""
    if run.is_script:
        return None
    mixed_up = _swapped(run) or _other_tensors(run)
    return run.source.last_return(entry) if mixed_up else run.source.definition(entry)


def _swapped(run: FitEvidence) -> str:
    got, best = run.recovered or (), run.fit.expected
    if sorted(range(len(got)), key=lambda i: got[i]) == sorted(range(len(best)), key=lambda i: best[i]):
        return ""
    same = zip(sorted(got), sorted(best), strict=True)
    if all(abs(a - b) <= run.fit.tolerance for a, b in same):
        return f" The numbers are right but in another order than ({', '.join(run.fit.names)})."
    return ""


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    if not run.is_answered:
        return
    lost = [off for off in run.about("kind") if is_lost_gradient(run, off)]
    offs = (*run.about("values"), *lost, *run.left_off("values", "shape", "dtype"))
    off = next(iter(offs), None)
    if off is not None:
        yield Found(
            message=f"{differs(run, off)}{_in_another_order(run, off)}",
            line=run.change_line(off) if off.argument else run.return_line(off.call),
            evidence=evidence_of(run, off),
            fix="Work the call above out by hand, step by step, and compare.",
            why="The function ran to its end, and nothing in how it ran explains the number: it computes"
            " something else than was asked for.",
        )
    elif run.broken_pairs and run.broken_pairs[0][2]:
        one, other, _ = run.broken_pairs[0]
        yield Found(
            message=f"`{run.asked(one)}` answered differently when it was called again.",
            line=run.return_line(),
            evidence={"calls": [one + 1, other + 1]},
        )


def _in_another_order(run: CallEvidence, off: Off) -> str:
    """That what is asked for is there, in another place; else nothing."""
    if off.argument or not any(True for _ in permuted(run, off.call)):
        return ""
    return f" All that is asked for is there, in another order: it is {listing(run.entry.returns)}."
