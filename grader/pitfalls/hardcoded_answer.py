"""The answer does not come from the data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.answers import answers
from grader.call_evidence import CallEvidence
from grader.evidence import FitEvidence
from grader.lineage import GRADIENT_READ
from grader.motion import largest, trained_numbers
from grader.pitfall import Example, Found, Pitfall
from grader.records import Event
from grader.words import fitted

PITFALL = Pitfall(
    title="The answer does not depend on the data",
    section="training",
    rubric="coefficients",
    what="Other data were given, and the same numbers came back.",
    why="They fit the one data set that they were read from, and no other.",
    mend="Start anywhere, and let gradient descent on the data that are given find the parameters.",
    explains=(
        "autograd-unused",
        "inaccurate-result",
        "undertrained",
        "missing-requires-grad",
        "missing-backward",
        "closed-form-solution",
        "wrong-return",
        "unapplied-update",
        "stale-gradient",
        "non-leaf-parameter",
        "double-precision",
    ),
    blocks=("gradient-zeroing", "no-grad", "leaf-status", "shapes-and-dtypes", "devices"),
    see_also="Capstone, synthetic data",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.tensor([2.5], requires_grad=True)  # <- hardcoded-answer
    b = torch.tensor([-0.9], requires_grad=True)
    return w, b
"""
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.tensor([2.5], requires_grad=True)  # <- hardcoded-answer
    b = torch.tensor([-0.9], requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        w.grad = b.grad = None
    return w, b
""",
            note="with a loop that changes nothing",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.tensor([2.5], requires_grad=True)
    b = torch.tensor([-0.9], requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a fixed start, then training",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    torch.manual_seed(7)
    p = torch.randn(2, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="the same start each time",
        ),
        Example(
            """\
import torch

torch.manual_seed(3)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)
w = torch.tensor([2.5], requires_grad=True)
b = torch.tensor([-0.9], requires_grad=True)
for step in range(200):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
    w.grad = b.grad = None
""",
            note="a script that starts at the truth and trains",
        ),
    ),
)

SAME = 1e-6
"""Answers to different data that differ by less than this are the same."""
ALIKE = 0.02
"""Answers that differ by less than this share of what the best answers differ by do not follow the data."""
SETTLED = 0.05
"""A gradient that has shrunk below this share of the first one has come to rest."""
DIFFERENT = 1e-4
"""Best answers that differ by more than this are those of different data."""


def compare(runs: Sequence[FitEvidence]) -> Iterator[Found]:
    known = [run for run in runs if run.recovered is not None and run.returned_normally]
    pair = next(_same_answers(known), None)
    if pair is None or _is_learning(pair[0]) or _is_plain_start(pair[0]):
        yield from _trained_on_other_data(known)
        return
    one, other = pair
    names = one.fit.names
    answer = answers(one)
    yield Found(
        message=(
            f"Two data sets, one answer: {fitted(names, one.recovered)} both times. The best fit of the"
            f" first is {fitted(names, one.fit.expected)}, that of the second"
            f" {fitted(names, other.fit.expected)}."
        ),
        line=answer[0].line if answer else None,
        evidence={
            "answers": [one.recovered, other.recovered],
            "best": [one.fit.expected, other.fit.expected],
            "backward_passes": one.pass_count,
        },
    )


def _trained_on_other_data(known: Sequence[FitEvidence]) -> Iterator[Found]:
    """Training that settled, on every data set, at one and the same answer, which fits none of them."""
    asked = [run for run in known if not run.repeat]
    if len(asked) < 2 or any(run.is_script or run.is_right or not _has_settled(run) for run in asked):
        return
    if sorted(trained_numbers(asked[0])) != sorted(asked[0].recovered or ()):
        return
    first, second = asked[:2]
    for other in asked[1:]:
        apart = _distance(first.recovered or (), other.recovered or ())
        if apart > ALIKE * _distance(first.fit.expected, other.fit.expected):
            return
    names = first.fit.names
    yield Found(
        message=(
            f"{len(asked)} data sets, one answer: training settled at {fitted(names, first.recovered)} on the"
            f" first and at {fitted(names, second.recovered)} on the second. Their best fits are"
            f" {fitted(names, first.fit.expected)} and {fitted(names, second.fit.expected)}: it was not"
            " trained on the data that were given."
        ),
        line=_other_data(first),
        evidence={
            "answers": [run.recovered for run in asked],
            "best": [run.fit.expected for run in asked],
            "backward_passes": first.pass_count,
        },
        fix="Train on the `x` and the `y` that are given.",
    )


def _has_settled(run: FitEvidence) -> bool:
    """Whether the submission's own gradients came to nothing in the end."""
    steps = [step.state.fresh for slot in run.slots for step in run.steps_of(slot)[:1]]
    ends = [step.state.fresh for slot in run.slots for step in run.steps_of(slot)[-1:]]
    start = max((largest(fresh or ()) for fresh in steps), default=0.0)
    return start > 0 and all(fresh is not None and largest(fresh) < SETTLED * start for fresh in ends)


def _other_data(run: FitEvidence) -> int | None:
    """The first call that made something as large as the data on the way to the first loss."""
    loss = run.passes[0].loss if run.passes else None
    way = run.lineage.ancestors(loss) if loss else []
    large = [e for e in way if any(view.numel == run.fit.points for view in e.outputs)]
    return run.line(min(large, key=lambda event: event.index, default=None))


def _same_answers(runs: Sequence[FitEvidence]) -> Iterator[tuple[FitEvidence, FitEvidence]]:
    for one in runs[:1]:
        for other in runs[1:]:
            if _distance(one.fit.expected, other.fit.expected) < DIFFERENT:
                continue
            if _distance(one.recovered or (), other.recovered or ()) < SAME:
                yield one, other


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return max((abs(a - b) for a, b in zip(one, other, strict=True)), default=0.0)


def _is_plain_start(run: FitEvidence) -> bool:
    """Zeros and ones that passed through a loop unchanged are a start that nothing moved, no answer."""
    asked = any(event.op == GRADIENT_READ for event in run.events)
    return (asked or run.pass_count > 0) and all(value in (0.0, 1.0) for value in run.recovered or ())


def _is_learning(run: FitEvidence) -> bool:
    """Whether the answer was to be moved by gradients: that it ends alike has another cause then.

    An answer that is not what was trained, or that its updates changed by nothing to speak of, was not.
    """
    if run.slots and not _is_trained(run):
        return False
    updates = run.lineage.updates()
    if updates:
        return any(_changes(event) for event in updates)
    return any(event.op == GRADIENT_READ for event in run.events)


def _is_trained(run: FitEvidence) -> bool:
    """Whether the answer is, or was computed from, a parameter that backward passes reached."""
    if run.is_script:
        return True
    trained = {number for slot in run.slots for number in slot.tensors}
    for view in run.answer_tensors:
        behind = {v.id for e in run.lineage.ancestors(view) for v in e.inputs} | {view.id}
        if behind & trained or run.lineage.is_parameter(view):
            return True
    return not run.answer_tensors


def _changes(event: Event) -> bool:
    """Whether an update came to another value than it began with."""
    before = event.inputs[0].values
    after = event.outputs[0].values if event.outputs else None
    if before is None or after is None or len(before) != len(after):
        return True
    return any(abs(a - b) > SAME * max(1.0, abs(b)) for a, b in zip(after, before, strict=True))


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    """Other arguments, and the very same answer."""
    pair = next((pair for pair in run.broken_pairs if not pair[2]), None) or _constant(run)
    if pair is None:
        return
    yield Found(
        message=(
            f"`{run.asked(pair[0])}` and `{run.asked(pair[1])}` gave the very same numbers: the answer does"
            " not depend on what is given."
        ),
        line=run.return_line(pair[1]),
        evidence={"calls": [run.asked(pair[0]), run.asked(pair[1])]},
        fix="Use what the function is given.",
        why="An answer that does not depend on the question is right once, by chance.",
    )


def _constant(run: CallEvidence) -> tuple[int, int, bool] | None:
    """Two calls with two right answers, that were answered alike and without computing anything."""
    numbers = [value.number for value in run.returned]
    wanted = [call.returned for call in run.case.calls]
    later = (event for call in range(1, len(run.calls)) for event in run.events_of(call))
    if any(True for _ in later) or len(set(numbers)) != 1 or None in numbers:
        return None
    other = next((i for i, answer in enumerate(wanted) if answer != wanted[0]), None)
    return None if other is None or other >= len(numbers) else (0, other, False)
